"""The whole audit of the demonstration incineration plant (演示危险废物焚烧厂的审核): data, options, records."""

from __future__ import annotations

import random

from qingyuan.demo import records as audit
from qingyuan.demo.files import NOTE, YEARS, PlantFiles, digits
from qingyuan.demo.kiln import hazardous_waste_incineration
from qingyuan.demo.records import Option, amount, find, noisy, number, result, waste

_PLACES = ("贮存与配伍", "焚烧线", "烟气净化", "公用工程")
_HOURS = 7200  # of the furnace a year
# Prices of the plant, 10^4 CNY a unit: electricity, diesel, fresh water, wastewater treatment, reagents, ash.
_POWER, _DIESEL, _WATER, _TREATMENT = 0.71e-4, 0.76, 4.2e-4, 16e-4
_UREA, _LIME, _SODA, _CARBON, _ASH = 2.4e-4, 0.9e-4, 3.6e-4, 7.5e-4, 0.16
_DOCUMENTS = (
    ("E1", "电费与柴油发票", "energy/invoice"),
    ("E2", "车间电表逐月抄录台账", "energy"),
    ("E3", "自来水费发票", "water/invoice"),
    ("E4", "用水、循环水与废水流量计台账", "water"),
    ("E5", "药剂领用台账", "material"),
    ("E6", "炉渣、飞灰称重与转移台账", "waste"),
    ("E7", "地磅与入炉计量记录", "product"),
    ("E8", "财务报表与费用明细", "money"),
    ("E9", "人事与考勤统计", "staff"),
    ("E10", "中控运行记录", "time"),
)
_SCATTER = {"material": 0.035, "waste": 0.03}


def audited_incineration(seed: int = 2026) -> PlantFiles:
    """The incineration plant with measured data of three years and all that its audit decided and recorded."""
    plant = hazardous_waste_incineration(seed)
    rng = random.Random(f"incineration-audit-{seed}")
    plant.profile = plant.profile.rstrip("\n") + "\n" + _DETAILS
    plant.places.append({"place": "办公生活区", "parent": "", "kind": "living"})
    _measured(plant, rng)
    for year in YEARS:
        _added(plant, rng, year)
    _monitoring(plant, rng)
    _machines(plant, rng)
    audit.documents(plant, _DOCUMENTS)
    options = _options(plant)
    audit.add_options(plant, rng, options)
    _records(plant, options)
    return plant


# --- data ------------------------------------------------------------------------------------------------------------


def _measured(plant: PlantFiles, rng: random.Random) -> None:
    """Give the books the scatter of meters and lists; totals stay what their parts are."""
    for row in find(plant, "生活用水"):
        row["place"] = "办公生活区"
    for row in plant.facts:
        value, item = number(row["value"]), row["item"]
        if item in ("接收废物量", "入炉危废量", "外购电量", "新鲜水量", "生活用水", "职工人数"):
            continue
        if row["kind"] in _SCATTER:
            row["value"] = noisy(rng, value, _SCATTER[str(row["kind"])])
        elif item in ("用电量", "柴油", "生产用水", "循环水量"):
            row["value"] = noisy(rng, value, 0.02)
        elif item == "产值":
            row["value"] = noisy(rng, value, 0.015)
    for year in YEARS:
        used = amount(plant, "生产用水", year)
        made = noisy(rng, used * 0.22, 0.02)
        back = noisy(rng, made * (0.42, 0.46, 0.55)[YEARS.index(year)], 0.015)
        for row in find(plant, "生产废水产生量", year=year):
            row["value"], row["place"] = made, "焚烧线"
        for row in find(plant, "生产废水排放量", year=year):
            row["value"] = noisy(rng, made - back, 0.006)
        plant.fact(year, "焚烧线", "water", "废水回用量", back, "m3", "meter")
        lost = noisy(rng, used - made + back, 0.01)
        plant.fact(year, "焚烧线", "water", "蒸发损失水", lost, "m3", "balance", role="lost")
        for row in find(plant, "外购电量", year=year):
            row["value"] = digits(amount(plant, "用电量", year))
        for row in find(plant, "新鲜水量", year=year):
            row["value"] = digits(used + amount(plant, "生活用水", year))


def _added(plant: PlantFiles, rng: random.Random, year: int) -> None:
    """Wastes with codes, sewage, days and costs of a year."""
    for row in plant.facts:
        if row["period"] == year and row["item"] in ("飞灰", "炉渣"):
            row["note"] = f"HW18 772-003-18；{NOTE}"
    waste(plant, year, "烟气净化", "废布袋", noisy(rng, 3.2, 0.08), "HW49 900-041-49")
    waste(plant, year, "公用工程", "废矿物油", noisy(rng, 0.9, 0.1), "HW08 900-249-08")
    waste(plant, year, "贮存与配伍", "废包装材料", noisy(rng, 46, 0.05), "一般固废，外售综合利用")
    sewage = noisy(rng, 0.85 * amount(plant, "生活用水", year), 0.02)
    plant.fact(year, "办公生活区", "water", "生活污水产生量", sewage, "m3", "statistics")
    plant.fact(year, "全厂", "time", "年工作天数", 318 + rng.randint(0, 9), "d", "statistics")
    for pollutant, level in (("COD", 410), ("氨氮", 38), ("总汞", 0.02)):
        name = f"废水{pollutant}产生浓度"
        plant.fact(year, "全厂", "pollutant", name, noisy(rng, level, 0.06), "mg/L", "monitoring")
    water, diesel = amount(plant, "新鲜水量", year), amount(plant, "柴油", year)
    for item, place, cost in (
        ("电费", "全厂", amount(plant, "外购电量", year) * _POWER), ("水费", "全厂", water * _WATER),
        ("燃油费", "全厂", diesel * _DIESEL),
        ("废水处理费", "焚烧线", amount(plant, "生产废水产生量", year) * _TREATMENT),
        ("危废处置费", "烟气净化", amount(plant, "飞灰", year) * _ASH),
    ):  # fmt: skip
        plant.fact(year, place, "money", item, noisy(rng, cost, 0.01), "10^4 CNY", "invoice")
    value = number(find(plant, "产值", year=year)[0]["value"])
    plant.fact(year, "全厂", "money", "纳税", noisy(rng, 0.061 * value, 0.03), "10^4 CNY", "statistics")


def _monitoring(plant: PlantFiles, rng: random.Random) -> None:
    for date in sorted({str(row["date"]) for row in plant.monitoring}):
        flow = number(next(row["flow_m3_h"] for row in plant.monitoring if row["date"] == date))
        result(plant, "DA001 焚烧烟囱", "氨", date, rng.uniform(0.6, 2.4), 8, "mg/Nm3", flow=flow)
    for year in YEARS:
        for month in (2, 5, 8, 11):
            date = f"{year}-{month:02d}-{rng.randint(3, 26):02d}"
            for name, limit, low, high in (
                ("COD", 100, 31, 62), ("氨氮", 15, 3.1, 8.4), ("pH", "6-9", 6.8, 8.1), ("总汞", 0.05, 0.0006, 0.003),
            ):  # fmt: skip
                unit = "" if name == "pH" else "mg/L"
                result(plant, "DW001 废水总排口", name, date, rng.uniform(low, high), limit, unit)
    audit.noise(plant, rng)


def _machines(plant: PlantFiles, rng: random.Random) -> None:
    plant.equipment.clear()
    for place, name, model, kilowatts, count in (
        ("贮存与配伍", "抓斗起重机", "QZ-10", 55, 1), ("贮存与配伍", "破碎机", "PS-800", 45, 1),
        ("焚烧线", "回转窑驱动", "100 t/d", 132, 1), ("焚烧线", "一次风机", "9-19", 160, 1),
        ("焚烧线", "余热锅炉给水泵", "DG25", 55, 2), ("烟气净化", "引风机", "Y4-73", 315, 1),
        ("烟气净化", "布袋除尘器", "LCM-1400", 45, 1), ("烟气净化", "循环浆液泵", "UHB-80", 22, 3),
        ("公用工程", "循环水泵", "IS150", 37, 3), ("公用工程", "空压机", "GA-55", 55, 1),
    ):  # fmt: skip
        audit.machine(plant, place, name, model, kilowatts, count)
    audit.fit_machines(plant, rng, hours=_HOURS)


# --- options ---------------------------------------------------------------------------------------------------------


def _options(plant: PlantFiles) -> tuple[Option, ...]:
    year = YEARS[0]  # what was expected was reckoned on the year before the audit
    power, diesel = amount(plant, "外购电量", year), amount(plant, "柴油", year)
    water, ash = amount(plant, "生产用水", year), amount(plant, "飞灰", year)
    carbon = amount(plant, "活性炭", year)

    def electricity(share: float) -> audit.Effect:
        return ("电", power * share, "kWh", _POWER)

    def fuel(share: float) -> audit.Effect:
        return ("柴油", diesel * share, "t", _DIESEL)

    def saved(share: float) -> audit.Effect:
        return ("新鲜水", water * share, "m3", _WATER)

    return (
        Option("K1", "配伍热值稳定化管理", "管理", "按热值、氯、硫含量建配伍单，减少助燃",
               (fuel(0.02),), 0, "2023-06-12"),
        Option("K2", "空压系统查漏", "设备", "季度查漏，关闭闲置支路", (electricity(0.005),), 0, "2023-06-25"),
        Option("K3", "中控操作比武与培训", "员工", "四班统一操作曲线",
               (fuel(0.008), electricity(0.003)), 0.3, "2023-07-05"),
        Option("K4", "照明改 LED 与人体感应", "设备", "厂房与道路照明更换", (electricity(0.006),), 1.4, "2023-08-01"),
        Option("K5", "循环水加药自动控制", "过程控制", "在线电导控制排污，浓缩倍数由 3 提到 4",
               (saved(0.03),), 1.6, "2023-08-20"),
        Option("K6", "布袋喷吹按压差控制", "过程控制", "压缩空气用量下降，延长布袋寿命",
               (electricity(0.006),), 1.3, "2023-09-04"),
        Option("K7", "活性炭按在线浓度投加", "原辅材料和能源", "投加量与烟气流量联动",
               (("活性炭", carbon * 0.08, "kg", _CARBON),), 1.5, "2023-09-18"),
        Option("K8", "引风机变频改造", "设备", "液耦改变频，按炉膛负压调节",
               (electricity(0.055),), 1.9, "2023-12-16", "设备部"),
        Option("K9", "脱酸废水回用于急冷塔", "废弃物", "过滤后作急冷水，减少新鲜水",
               (saved(0.025), ("废水", amount(plant, "生产废水产生量", year) * 0.11, "m3", _TREATMENT)), 2.0,
               "2023-12-22", "安全环保部"),
        Option("K10", "余热锅炉清灰与蒸汽预热助燃风", "技术工艺", "激波清灰，一次风预热到 160 ℃",
               (fuel(0.22),), 3.6, "2023-12-28", "技术部"),
        Option("K11", "余热发电机组", "技术工艺", "饱和蒸汽螺杆膨胀机发电，自发自用",
               (electricity(0.24),), 5.2, "", "设备部"),
        Option("K12", "飞灰减量：脱酸剂精细化", "原辅材料和能源", "高比表面积消石灰与计量投加，飞灰减少",
               (("飞灰", ash * 0.12, "t", _ASH),), 2.0, "", "技术部"),
        Option("K13", "高效电机替换", "设备", "二级及以下电机换一级能效", (electricity(0.04),), 3.4, "", "设备部"),
        Option("K14", "冷却塔风机与水泵节能改造", "过程控制", "循环水系统变频与水力平衡",
               (electricity(0.028), saved(0.02)), 2.1, "", "设备部"),
    )  # fmt: skip


# --- records ---------------------------------------------------------------------------------------------------------

_DETAILS = """legal_representative = "演示企业，无此人"
address = "重庆市某静脉产业园（演示）"
contact = "环保主管（演示）"
established = "2015年"
permit = "演示排污许可证与危险废物经营许可证编号"
leadership = "总经理担任审核小组组长，把审核列入年度重点工作，落实专项资金，按月听取进展。"
training = "管理层、中控与现场四班分三级培训五场，参加 96 人次；征集合理化建议 17 条。"
obstacles = \"\"\"认为焚烧企业本身就是治污、没有清洁生产可做：用柴油、用电和飞灰的账说明潜力。
担心停炉影响接收：方案安装安排在年度检修。\"\"\"
environmental_management = "烟气在线监测联网，炉温和停留时间联锁；危险废物电子联单，三年内没有环境违法记录。"
measures_done = "余热锅炉供汽，SNCR 脱硝，半干法加湿法脱酸，活性炭加布袋，循环冷却水。"
certificates = "GB/T 24001 环境管理体系（演示）"
consultant = "企业自行审核（演示）"
"数据说明" = "基准年为2022年；2023、2024年为方案实施期间和实施后的数据，验收时补入（演示）"
"清洁生产管理制度" = "《清洁生产管理办法》《配伍与助燃用油考核办法》《合理化建议奖励办法》，2024年1月发布（演示）"
"""
_EVENTS = {"audit-finished": "2024-03-01", "report-received": "2024-03-06", "assessment-passed": "2024-04-11"}
_PROOFS = (
    ("D1", "2023-04-10", "企业网站公示截图（演示）"),
    ("D2", "2023-05-06", "审核启动会纪要（演示）"),
    ("D3", "2024-03-06", "审核报告报送回执（演示）"),
    ("D6", "2024-03-04", "年度环境信息披露平台截图（演示）"),
)


def _records(plant: PlantFiles, options: tuple[Option, ...]) -> None:
    costly = [option for option in options if option.cost_class in ("中费", "高费")]
    audit.team_records(
        plant,
        (
            ("厂部", "—", "经营决策与资源保障"), ("生产部", "厂部", "贮存配伍、焚烧与烟气净化运行"),
            ("技术部", "厂部", "配伍、炉温与药剂控制"), ("设备部", "厂部", "设备、能源与计量"),
            ("安全环保部", "厂部", "监测、台账与应急"), ("财务部", "厂部", "成本核算与投资"),
        ),
    )  # fmt: skip
    audit.suggestions(
        plant,
        (
            ("中控班组长", "生产部", "低热值废物白天集中进料", "少开助燃", "不需投入"),
            ("设备工程师", "设备部", "引风机改变频", "节电", "变频器与电缆"),
            ("仓库管理员", "生产部", "吨袋周转使用", "减少废包装", "不需投入"),
        ),
    )
    causes = {
        "焚烧线": ("热值波动大，助燃多，炉渣带碳", {"原辅材料和能源": "来料热值不稳", "过程控制": "一次风未预热"}),
        "烟气净化": ("脱酸剂过量投加，飞灰量大", {"原辅材料和能源": "消石灰品质一般", "过程控制": "投加凭经验"}),
        "公用工程": ("空载与老旧电机", {"设备": "电机能效低", "管理": "检修周期长"}),
        "贮存与配伍": ("包装物一次性使用", {"管理": "周转容器少"}),
        "办公生活区": ("用水器具老旧", {"管理": "没有分表考核"}),
    }
    plant.worksheets["2-9"] = [
        {"主要废弃物产生源": place, "主要原因": cause, **aspects} for place, (cause, aspects) in causes.items()
    ]
    cause, aspects = causes["烟气净化"]
    plant.worksheets["3-5"] = [{"废弃物产生部位": "烟气净化", "主要原因": cause, **aspects}]
    plant.worksheets["3-2"] = [
        {"单元操作": "烟气净化", "功能简介": "急冷、半干法与湿法脱酸、活性炭喷射、布袋除尘、引风排放"}
    ]
    plant.worksheets["6-9"] = [
        {"项目": "环境与社会效益", "目标": "减少飞灰和助燃", "完成情况": "已实施方案全部见效", "说明": NOTE}
    ]
    audit.collected(plant, ("平面布置图", "工艺流程图", "产品质量记录"))
    audit.continuing_plan(
        plant,
        (
            ("实施第二批方案", "K11 至 K14 的设计、安装和验收", "2025-03", "2025-12", "设备部"),
            ("月度指标统计", "吨废物电耗、油耗、药耗月报", "2025-01", "2025-12", "生产部"),
            ("培训与建议", "每季一次培训，合理化建议评奖", "2025-01", "2025-12", "安全环保部"),
            ("下一轮审核准备", "重点转向焚烧线余热利用", "2027-01", "2027-06", "安全环保部"),
        ),
    )
    plant.audit = audit.settings_text(
        listed_on="2023-03-20",
        trigger="T3",
        links=("烟气净化",),
        candidates={
            "贮存与配伍": {"waste": 4, "consumption": 4, "expense": 4, "market": 5, "willingness": 7},
            "焚烧线": {"waste": 8, "consumption": 9, "expense": 7, "market": 8, "willingness": 8},
            "烟气净化": {"waste": 9, "consumption": 8, "expense": 9, "market": 8, "willingness": 9},
            "公用工程": {"waste": 3, "consumption": 7, "expense": 3, "market": 6, "willingness": 7},
        },
        screening=audit.screening_of(costly),
        economics=audit.economics_of(plant, costly),
        events=_EVENTS,
        proofs=_PROOFS,
        near="I",
    )
