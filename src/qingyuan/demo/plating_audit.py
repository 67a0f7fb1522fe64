"""The whole audit of the demonstration electroplating works (演示电镀厂的审核): measured, with options and records.

The works stands at level III; what keeps it from level II are the measures against heavy metals and the reuse of
water, and the planned options change both.
"""

from __future__ import annotations

import random

from qingyuan.demo import records as audit
from qingyuan.demo.files import NOTE, YEARS, PlantFiles, digits
from qingyuan.demo.plating import electroplating
from qingyuan.demo.records import Option, amount, find, noisy, number, result, waste

_LINES = ("镀锌线", "镀镍铬线", "镀铜线")
_HOURS = 6000  # of production a year
_REUSED = (0.33, 0.35, 0.46)  # share of the wastewater that goes back to the rinses, year by year
# Before treatment, mg/L.
_RAW = {
    "总镍": 18, "总铬": 12, "六价铬": 6, "总铜": 15, "总锌": 25, "COD": 320, "氨氮": 9, "总磷": 2.5, "总氮": 24,
    "石油类": 12, "悬浮物": 140, "阴离子表面活性剂": 3,
}  # fmt: skip
# Prices of the works, 10^4 CNY a unit: electricity, gas, fresh water, wastewater treatment, substances, sludge.
_POWER, _GAS, _WATER, _TREATMENT, _SLUDGE = 0.78e-4, 3.3e-4, 4.6e-4, 19e-4, 0.24
_NICKEL_SULFATE, _CHROMIC_ACID = 36e-4, 25e-4
_DOCUMENTS = (
    ("E1", "电费、燃气费与水费发票", "energy/invoice"),
    ("E2", "车间电表逐月抄录台账", "energy"),
    ("E3", "自来水费发票", "water/invoice"),
    ("E4", "用水与废水流量计台账", "water"),
    ("E5", "仓库领料台账", "material"),
    ("E6", "危险废物管理台账与转移联单", "waste"),
    ("E7", "生产统计月报", "product"),
    ("E8", "财务报表与费用明细", "money"),
    ("E9", "人事与考勤统计", "staff"),
    ("E10", "生产运行记录", "time"),
)


def audited_electroplating(seed: int = 2026) -> PlantFiles:
    """The electroplating works with measured data of three years and all that its audit decided and recorded."""
    plant = electroplating(seed)
    rng = random.Random(f"electroplating-audit-{seed}")
    plant.profile = plant.profile.rstrip("\n") + "\n" + _DETAILS
    plant.places = [
        {"place": place, "parent": "", "kind": kind}
        for place, kind in (
            *((line, "workshop") for line in _LINES), ("废水处理站", "treatment"), ("办公生活区", "living"),
        )
    ]  # fmt: skip
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
    """Give the books the scatter of meters and lists; the reuse of water grows as the works builds it out."""
    gone = ("生产废水产生量", "废水回用量", "生产废水排放量", "电镀污泥", "废活性炭", "蒸发损失水")
    plant.facts = [row for row in plant.facts if row["item"] not in gone]
    for year in YEARS:
        for line in _LINES:  # orders differ from line to line and year to year; what a line uses follows them
            orders = rng.uniform(0.965, 1.035)
            for row in plant.facts:
                if row["period"] == year and row["place"] == line:
                    row["value"] = digits(number(row["value"]) * orders)
    for row in plant.facts:
        value = number(row["value"])
        if row["kind"] == "material" and row.get("role") != "contained":
            row["value"] = noisy(rng, value, 0.012 if row["place"] != "废水处理站" else 0.04)
        elif row["item"] == "产品合格率":
            row["value"] = round(98.5 + 0.25 * YEARS.index(int(str(row["period"]))) + rng.uniform(0.0, 0.2), 2)
        elif row["item"] == "年生产时间":
            row["value"] = _HOURS + rng.randint(-40, 60)
        elif row["item"] == "生活用水":
            row["value"] = noisy(rng, 3900, 0.02)
        elif row["item"] == "职工人数":
            row["value"] = 118 + 3 * YEARS.index(int(str(row["period"])))
    for year in YEARS:
        share = _REUSED[YEARS.index(year)]
        whole = reused = 0.0
        for line in _LINES:
            # The books give the fresh water of a line at the first year's reuse; more reuse takes its place. What comes
            # in fresh and what comes back leave as wastewater and vapour: 0.9 and 0.1 of the use.
            used = amount(plant, "生产用水", year, line) / (1 - 0.9 * _REUSED[0])
            fresh, made = digits(used * (1 - 0.9 * share)), noisy(rng, 0.9 * used, 0.008)
            for row in find(plant, "生产用水", year=year, place=line):
                row["value"] = fresh
            for row in find(plant, "清洗用水", year=year, place=line):
                row["value"] = digits(fresh * 0.92)
            back = digits(used - fresh)
            plant.fact(year, line, "water", "生产废水产生量", made, "m3", "meter")
            plant.fact(year, line, "water", "废水回用量", back, "m3", "meter")
            plant.fact(year, line, "water", "蒸发损失水", fresh + back - made, "m3", "balance", role="lost")
            whole += made
            reused += back
        plant.fact(year, "全厂", "water", "生产废水排放量", noisy(rng, whole - reused, 0.006), "m3", "meter")
        for row in find(plant, "用电量", year=year, place="废水处理站"):
            row["value"] = noisy(rng, whole * 2.1, 0.03)
        for row in find(plant, "外购电量", year=year):
            row["value"] = digits(amount(plant, "用电量", year))
        for row in find(plant, "新鲜水量", year=year):
            row["value"] = digits(amount(plant, "生产用水", year) + amount(plant, "生活用水", year))


def _added(plant: PlantFiles, rng: random.Random, year: int) -> None:
    """Reagents, wastes with codes, sewage, concentrate and costs of a year."""
    water, reused = amount(plant, "生产废水产生量", year), amount(plant, "废水回用量", year)
    area = sum(amount(plant, f"{ware}产量", year) for ware in ("镀锌件", "镀镍铬件", "镀铜件"))
    carbon = noisy(rng, 1400, 0.04)
    for item, place, value in (
        ("盐酸", "镀锌线", water * 1.3), ("硫酸", "镀铜线", water * 0.7), ("除油粉", "镀镍铬线", area * 0.011),
        ("铬酐", "镀镍铬线", area * 0.0042), ("活性炭", "镀镍铬线", carbon), ("焦亚硫酸钠", "废水处理站", water * 0.11),
    ):  # fmt: skip
        plant.fact(year, place, "material", item, noisy(rng, value, 0.03), "kg", "statistics")
    waste(plant, year, "废水处理站", "电镀污泥", noisy(rng, water * 0.0029, 0.03), "HW17 336-063-17")
    waste(plant, year, "镀镍铬线", "废活性炭", noisy(rng, carbon * 1.12e-3, 0.02), "HW49 900-039-49")
    waste(plant, year, "镀锌线", "废酸", noisy(rng, water * 0.0008, 0.08), "HW34 900-300-34")
    waste(plant, year, "镀镍铬线", "废滤芯", noisy(rng, 2.1, 0.1), "HW49 900-041-49")
    waste(plant, year, "镀镍铬线", "废槽液", noisy(rng, 6.4, 0.1), "HW17 336-063-17")
    waste(plant, year, "镀铜线", "废矿物油", noisy(rng, 0.32, 0.1), "HW08 900-249-08")
    for line, tonnes in zip(_LINES, (1.9, 2.4, 1.6), strict=True):
        waste(plant, year, line, "废包装材料", noisy(rng, tonnes, 0.06), "一般固废，外售综合利用")
    sewage = noisy(rng, 0.85 * amount(plant, "生活用水", year), 0.02)
    plant.fact(year, "办公生活区", "water", "生活污水产生量", sewage, "m3", "statistics")
    plant.fact(year, "废水处理站", "water", "浓水", noisy(rng, reused * 0.4, 0.05), "m3", "meter")
    sludge = sum(amount(plant, item, year) for item in ("电镀污泥", "废酸", "废槽液", "废活性炭", "废滤芯"))
    for item, cost in (
        ("电费", amount(plant, "外购电量", year) * _POWER), ("燃气费", amount(plant, "天然气", year) * _GAS),
        ("水费", amount(plant, "新鲜水量", year) * _WATER), ("危废处置费", sludge * _SLUDGE),
    ):  # fmt: skip
        plant.fact(year, "全厂", "money", item, noisy(rng, cost, 0.01), "10^4 CNY", "invoice")
    for line in _LINES:
        cost = amount(plant, "生产废水产生量", year, line) * _TREATMENT
        plant.fact(year, line, "money", "废水处理费", noisy(rng, cost, 0.01), "10^4 CNY", "statistics")
    for pollutant, level in _RAW.items():
        name = f"废水{pollutant}产生浓度"
        plant.fact(year, "全厂", "pollutant", name, noisy(rng, level, 0.06), "mg/L", "monitoring")
    for line in _LINES:
        passed = round(98.6 + 0.2 * YEARS.index(year) + rng.uniform(-0.1, 0.2), 2)
        plant.fact(year, line, "product", "产品合格率", passed, "%", "statistics")
    value = number(find(plant, "产值", year=year)[0]["value"])
    plant.fact(year, "全厂", "money", "纳税", noisy(rng, 0.052 * value, 0.03), "10^4 CNY", "statistics")


def _monitoring(plant: PlantFiles, rng: random.Random) -> None:
    for date in sorted({str(row["date"]) for row in plant.monitoring}):
        for name, limit, low, high in (
            ("六价铬", 0.2, 0.01, 0.06), ("总氮", 20, 7, 14), ("石油类", 3, 0.4, 1.4), ("悬浮物", 30, 6, 18),
            ("阴离子表面活性剂", 5, 0.2, 0.9), ("pH", "6-9", 6.9, 7.9),
        ):  # fmt: skip
            unit = "" if name == "pH" else "mg/L"
            result(plant, "生产废水排放口", name, date, rng.uniform(low, high), limit, unit)
        result(plant, "DA001 酸雾排气筒", "氮氧化物", date, rng.uniform(6, 18), 200, "mg/m3", flow=18_400)
    for row in plant.monitoring:
        if str(row["outlet"]).startswith("DA001") and "flow_m3_h" in row:
            row["rate_kg_h"] = float(f"{number(row['concentration']) * number(row['flow_m3_h']) * 1e-6:.3g}")
    audit.noise(plant, rng)


def _machines(plant: PlantFiles, rng: random.Random) -> None:
    plant.equipment.clear()
    for place, name, model, kilowatts, count in (
        ("镀锌线", "全自动滚镀线", "GD-12", 90, 1), ("镀锌线", "整流器", "GCK-3000A", 36, 4),
        ("镀锌线", "离心甩干机", "SG-500", 7.5, 2), ("镀镍铬线", "全自动挂镀线", "LD-08", 120, 1),
        ("镀镍铬线", "整流器", "GCK-5000A", 60, 4), ("镀镍铬线", "镀液过滤机", "PF-20", 3, 6),
        ("镀铜线", "半自动挂镀线", "LD-05", 80, 1), ("镀铜线", "整流器", "GCK-3000A", 36, 3),
        ("镀铜线", "空压机", "GA-37", 37, 2), ("废水处理站", "反渗透回用装置", "RO-10", 22, 1),
        ("废水处理站", "污水泵", "WQ-25", 4, 4), ("废水处理站", "板框压滤机", "XMY-40", 5.5, 1),
    ):  # fmt: skip
        audit.machine(plant, place, name, model, kilowatts, count)
    audit.fit_machines(plant, rng, hours=_HOURS)


# --- options ---------------------------------------------------------------------------------------------------------


def _options(plant: PlantFiles) -> tuple[Option, ...]:
    year = YEARS[0]  # what was expected was reckoned on the year before the audit
    power, gas = amount(plant, "外购电量", year), amount(plant, "天然气", year)
    water, sludge = amount(plant, "生产用水", year), amount(plant, "电镀污泥", year)
    nickel, chrome = amount(plant, "硫酸镍", year), amount(plant, "铬酐", year)
    fresh, treated = ("新鲜水", "m3", _WATER), ("废水", "m3", _TREATMENT)

    def saved(share: float) -> tuple[audit.Effect, audit.Effect]:
        return (fresh[0], water * share, *fresh[1:]), (treated[0], 0.9 * water * share, *treated[1:])

    def electricity(share: float) -> audit.Effect:
        return ("电", power * share, "kWh", _POWER)

    return (
        Option("F1", "车间用水用电定额考核", "管理", "按班组抄表，定额与奖金挂钩",
               (electricity(0.006), *saved(0.008)), 0, "2023-06-15"),
        Option("F2", "延长镀件出槽滴流时间", "过程控制", "挂镀出槽停留由 6 s 改为 12 s，滚镀空转两周",
               (("硫酸镍", nickel * 0.015, "kg", _NICKEL_SULFATE), *saved(0.006)), 0, "2023-06-20"),
        Option("F3", "操作规程培训与持证上岗", "员工", "新版作业指导书，全员考核",
               (electricity(0.003), *saved(0.003)), 0.6, "2023-07-10", extra="产品合格率 +0.1 %"),
        Option("F4", "镀液温控与整流器待机断电", "过程控制", "加温控仪和定时断电，避免空载",
               (electricity(0.013),), 0.9, "2023-08-05"),
        Option("F5", "跑冒滴漏整治与阀门更换", "设备", "更换老化阀门、漂洗槽改脚踏开关",
               saved(0.015), 1.1, "2023-08-18"),
        Option("F6", "压滤延时降低污泥含水率", "废弃物", "压滤保压时间由 1.5 h 改为 2.5 h",
               (("污泥", sludge * 0.04, "t", _SLUDGE),), 1.5, "2023-09-01"),
        Option("F7", "酸洗液过滤与抑雾缓蚀", "原辅材料和能源", "酸洗槽加循环过滤和缓蚀剂，酸液寿命延长三成",
               (("废酸", amount(plant, "废酸", year) * 0.18, "t", 0.36),), 1.4, "2023-09-12"),
        Option("F8", "挂具改进减少带出", "产品", "改挂具倾角与绝缘，减少带出和返镀",
               (("硫酸镍", nickel * 0.02, "kg", _NICKEL_SULFATE), electricity(0.002)), 1.4, "2023-10-08",
               extra="产品合格率 +0.2 %"),
        Option("F9", "空压机与风机变频", "设备", "空压机群控，酸雾风机变频",
               (electricity(0.038),), 1.8, "2023-12-20", "设备部"),
        Option("F10", "镀锌线三级逆流漂洗", "技术工艺", "两级漂洗改三级逆流漂洗，电导控制补水",
               saved(0.03), 2.1, "2023-12-28", "技术部"),
        Option("F11", "反渗透中水回用扩能一期", "废弃物", "扩建超滤和反渗透，回用于前处理漂洗",
               saved(0.14), 5.2, "2023-12-30", "安全环保部"),
        Option("F12", "槽间导流板、回收槽与槽上喷淋补齐", "过程控制", "预防重金属带出的措施由三项补到五项",
               (("硫酸镍", nickel * 0.05, "kg", _NICKEL_SULFATE), ("铬酐", chrome * 0.06, "kg", _CHROMIC_ACID),
                *saved(0.03)), 2.2, "", "技术部", extra="指标 heavy-metal-prevention =I"),
        Option("F13", "镍漂洗水离子交换回收", "技术工艺", "一级漂洗水离子交换，再生液回镀槽",
               (("硫酸镍", nickel * 0.35, "kg", _NICKEL_SULFATE), *saved(0.04)), 3.8, "", "技术部"),
        Option("F14", "三价铬钝化与低温除油", "原辅材料和能源", "六价铬钝化改三价铬，除油温度由 65 ℃ 降到 45 ℃",
               (("铬酐", chrome * 0.3, "kg", _CHROMIC_ACID), ("天然气", gas * 0.12, "Nm3", _GAS)), 2.4, "", "技术部"),
        Option("F15", "高频开关整流器替换", "设备", "可控硅整流器换为高频开关电源",
               (electricity(0.09),), 3.9, "", "设备部"),
        Option("F16", "反渗透中水回用扩能二期", "废弃物", "浓水再浓缩，回用率提高到八成以上",
               saved(0.15), 5.4, "", "安全环保部"),
    )  # fmt: skip


# --- records ---------------------------------------------------------------------------------------------------------

_DETAILS = """legal_representative = "演示企业，无此人"
address = "重庆市某工业园（演示）"
contact = "环保主管（演示）"
established = "2011年"
permit = "演示排污许可证编号"
leadership = "总经理担任审核小组组长，签发审核启动文件，把审核资金列入年度预算，并在月度例会上听取进展。"
training = "分管理层、技术层、班组三级培训六场，参加 112 人次；车间设专栏，征集合理化建议 21 条。"
obstacles = \"\"\"认为清洁生产就是末端治理：用本厂的原料带出损失算账，说明源头节约的效益。
担心影响生产进度：方案的安装安排在节假日检修期。
缺少计量：审核中为各线补装水表和电表。\"\"\"
environmental_management = \"\"\"设安全环保部和专职环保员，制度齐全；废水站自动加药与在线 pH。
危险废物分区贮存，转移联单齐全；三年内没有环境违法记录。\"\"\"
measures_done = "镀液连续过滤，逆流漂洗，反渗透中水回用，低铬钝化，酸雾喷淋净化。"
certificates = "GB/T 24001 环境管理体系（演示）"
consultant = "企业自行审核（演示）"
"数据说明" = "基准年为2022年；2023、2024年为方案实施期间和实施后的数据，验收时补入（演示）"
"清洁生产管理制度" = "《清洁生产管理办法》《车间用水用电定额考核办法》《合理化建议奖励办法》，2024年1月发布（演示）"
"""


def _records(plant: PlantFiles, options: tuple[Option, ...]) -> None:
    costly = [option for option in options if option.cost_class in ("中费", "高费")]
    audit.team_records(
        plant,
        (
            ("厂部", "—", "经营决策与资源保障"), ("生产部", "厂部", "三条电镀线的生产组织"),
            ("技术部", "厂部", "镀液维护、工艺与质量"), ("设备部", "厂部", "设备、能源与计量"),
            ("安全环保部", "厂部", "废水站、危险废物、监测与应急"), ("财务部", "厂部", "成本核算与投资"),
        ),
    )  # fmt: skip
    audit.suggestions(
        plant,
        (
            ("镀镍铬线班组长", "生产部", "出槽后多停几秒再移槽", "减少镀液带出", "不需投入"),
            ("设备工程师", "设备部", "空压机夜间单台运行", "减少空载用电", "变频与群控"),
            ("废水站操作工", "安全环保部", "压滤多保压一小时", "污泥减量", "不需投入"),
            ("仓库保管员", "生产部", "除油粉按化验单领用", "减少超额领料", "化验试剂"),
        ),
    )  # fmt: skip
    _causes(plant)
    plant.worksheets["3-2"] = [
        {"单元操作": "镀镍铬线", "功能简介": "除油、酸洗、活化后镀半光亮镍、光亮镍和铬，各槽之间逆流漂洗，末端烘干"}
    ]
    audit.collected(plant, ("平面布置图", "工艺流程图"))
    audit.continuing_plan(
        plant,
        (
            ("实施第二批方案", "F12 至 F16 的设计、安装和验收", "2025-03", "2025-12", "设备部"),
            ("月度指标统计", "各线水、电、镍、铬单耗月报并公示", "2025-01", "2025-12", "生产部"),
            ("培训与建议", "每季一次培训，合理化建议评奖", "2025-01", "2025-12", "安全环保部"),
            ("下一轮审核准备", "评估重点由镀镍铬线转向镀铜线", "2027-01", "2027-06", "安全环保部"),
        ),
    )
    scores = {
        "镀锌线": {"waste": 7, "consumption": 6, "expense": 7, "market": 6, "willingness": 8},
        "镀镍铬线": {"waste": 9, "consumption": 9, "expense": 9, "market": 8, "willingness": 9},
        "镀铜线": {"waste": 8, "consumption": 8, "expense": 7, "market": 6, "willingness": 7},
        "废水处理站": {"waste": 6, "consumption": 3, "expense": 5, "market": 4, "willingness": 6},
    }
    plant.audit = audit.settings_text(
        listed_on="2023-03-20",
        trigger="T3",
        links=("镀镍铬线",),
        candidates=scores,
        screening=audit.screening_of(costly),
        economics=audit.economics_of(plant, costly),
        events=_EVENTS,
        proofs=_PROOFS,
        near="II",
    )


_EVENTS = {"audit-finished": "2024-03-08", "report-received": "2024-03-12", "assessment-passed": "2024-04-18"}
_PROOFS = (
    ("D1", "2023-04-12", "企业网站公示截图（演示）"),
    ("D2", "2023-05-08", "审核启动会纪要（演示）"),
    ("D3", "2024-03-12", "审核报告报送回执（演示）"),
    ("D6", "2024-03-05", "年度环境信息披露平台截图（演示）"),
)


def _causes(plant: PlantFiles) -> None:
    """Why waste arises, by the eight aspects, for the whole works (2-9) and for the focus (3-5)."""
    found: list[audit.Entry] = []
    causes = {
        "镀锌线": (
            "带出液多，漂洗级数少",
            {"技术工艺": "两级漂洗", "过程控制": "补水没有电导控制", "员工": "滴流时间短"},
        ),
        "镀镍铬线": (
            "镍铬带出进入漂洗水，槽液定期报废",
            {
                "原辅材料和能源": "六价铬钝化", "技术工艺": "漂洗水未回收镍", "设备": "挂具带出多",
                "过程控制": "补加凭经验",
            },
        ),
        "镀铜线": ("半自动线操作波动", {"设备": "半自动线", "过程控制": "空压机常满载", "管理": "没有定额"}),
        "废水处理站": ("污泥含水率高，回用能力不足", {"设备": "压滤机老旧", "废弃物特性": "污泥含水率八成以上"}),
        "办公生活区": ("用水器具老旧", {"管理": "没有分表考核"}),
    }  # fmt: skip
    for place, (cause, aspects) in causes.items():
        found.append({"主要废弃物产生源": place, "主要原因": cause, **aspects})
    plant.worksheets["2-9"] = found
    focus = causes["镀镍铬线"]
    plant.worksheets["3-5"] = [{"废弃物产生部位": "镀镍铬线", "主要原因": focus[0], **focus[1]}]
    plant.worksheets["6-9"] = [
        {"项目": "环境与社会效益", "目标": "减少重金属排放", "完成情况": "已实施方案全部见效", "说明": NOTE}
    ]
