"""English names of what the demonstration audits record in Chinese (演示数据的英文名称)."""

from __future__ import annotations

from collections.abc import Mapping

# Names of options.
ENGLISH_NAMES: Mapping[str, str] = {
    "车间用水用电定额考核": "Quotas of water and power for each workshop",
    "延长镀件出槽滴流时间": "Longer dripping time of the work pieces",
    "操作规程培训与持证上岗": "Training on operating rules, work with certificate only",
    "镀液温控与整流器待机断电": "Temperature control of baths, rectifiers off when idle",
    "跑冒滴漏整治与阀门更换": "Leaks stopped, valves replaced",
    "压滤延时降低污泥含水率": "Longer pressing for drier sludge",
    "酸洗液过滤与抑雾缓蚀": "Filtration, mist suppressant and inhibitor in pickling",
    "挂具改进减少带出": "Better racks for less drag-out",
    "空压机与风机变频": "Variable speed for compressors and fans",
    "镀锌线三级逆流漂洗": "Three-stage counter-current rinsing in the zinc line",
    "反渗透中水回用扩能一期": "More reuse by reverse osmosis, first stage",
    "槽间导流板、回收槽与槽上喷淋补齐": "Drain boards, drag-out tanks and sprays completed",
    "镍漂洗水离子交换回收": "Nickel recovery from rinsing water by ion exchange",
    "三价铬钝化与低温除油": "Trivalent chromium passivation, low-temperature degreasing",
    "高频开关整流器替换": "High-frequency switching rectifiers",
    "反渗透中水回用扩能二期": "More reuse by reverse osmosis, second stage",
    "配伍热值稳定化管理": "Blending of wastes for a steady heating value",
    "空压系统查漏": "Leak search in the compressed-air system",
    "中控操作比武与培训": "Training and contest of control-room operators",
    "照明改 LED 与人体感应": "LED lighting with presence sensors",
    "循环水加药自动控制": "Automatic dosing of circulating water",
    "布袋喷吹按压差控制": "Bag-filter cleaning by pressure drop",
    "活性炭按在线浓度投加": "Activated carbon dosed by online concentration",
    "引风机变频改造": "Variable speed for the induced-draught fan",
    "脱酸废水回用于急冷塔": "Scrubber water reused in the quench tower",
    "余热锅炉清灰与蒸汽预热助燃风": "Soot cleaning of the boiler, steam preheating of combustion air",
    "余热发电机组": "Power generation from waste heat",
    "飞灰减量：脱酸剂精细化": "Less fly ash by a finer sorbent",
    "高效电机替换": "High-efficiency motors",
    "冷却塔风机与水泵节能改造": "Energy saving at cooling-tower fans and pumps",
}
