"""The units that Qingyuan knows: symbol, dimension, exact size, how it is shown, and how people write it.

Sizes are exact fractions of the base unit of the dimension. A dimension here is finer than in physics on purpose: gas
at normal conditions, standard coal, carbon dioxide, carbon, energy and pressure are kept apart, so that nothing is
turned into another without the coefficient that a standard prints for it.

Sources: SI units GB 3100-1993 and GB/T 3102; 亩, 斤 as in everyday Chinese use (15 亩 = 1 ha, 2 斤 = 1 kg); standard
oil 7:10 to standard coal by their heat values of 10 000 and 7 000 kcal (GB/T 2589-2020, GB 30251); weight case
(重量箱) of flat glass 50 kg. A year is the civil year of 365 days and 8 760 hours, a month its twelfth. Foreign units
by their legal definitions (international foot and pound, International Table calorie).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

Vector = tuple[tuple[str, int], ...]  # (base dimension, exponent), sorted by name


@dataclass(frozen=True, slots=True)
class Symbol:
    """One unit symbol (单位符号): exact size in base units, exponents of the base dimensions, display forms."""

    symbol: str
    size: Fraction
    vector: Vector
    zh: str
    en: str
    rank: int  # place in a product: amounts before areas before times


# The base unit of each base dimension is the first symbol defined for it with size 1.
# rank orders the factors of a product: t*km, person*d, m2*a.
_RANK = {
    "money": 0,
    "standard coal": 1,
    "energy": 2,
    "carbon dioxide": 3,
    "carbon": 3,
    "toxic equivalent": 3,
    "mass": 4,
    "normal gas volume": 5,
    "count": 6,
    "person": 7,
    "length": 8,
    "temperature": 9,
    "time": 10,
}

# symbol | dimension | size | zh | en | spellings, separated by blanks; "=" in zh/en: shown as the symbol itself;
# "&" before a symbol: more spellings of it
_TABLE = """
1|||=|=|- — 无 无量纲 倍 pH pH值 无单位 /
%||1/100|=|=|百分比 percent 个百分点
permil||1/1000|‰|‰|‰ 千分之
ppm||1/1000000|=|=|百万分之
ppb||1/1000000000|=|=|十亿分之

kg|mass|1|=|=|千克 公斤 Kg KG kgs
t|mass|1000|=|=|吨 公吨 T tonne tonnes ton(metric) 噸
g|mass|1/1000|=|=|克 公克
mg|mass|1/1000000|=|=|毫克
ug|mass|1/1000000000|μg|μg|微克 μg mcg
ng|mass|1/1000000000000|=|=|纳克
pg|mass|1/1000000000000000|=|=|皮克
kt|mass|1000000|=|=|千吨
Mt|mass|1000000000|=|=|兆吨
jin|mass|1/2|斤|jin|斤 市斤
weightcase|mass|50|重量箱|weight case|重箱 重量箱
lb|mass|0.45359237|=|=|磅 lbs pound pounds
shortton|mass|907.18474|短吨|short ton|short-ton 短吨

m|length|1|=|=|米 公尺
km|length|1000|=|=|千米 公里
dm|length|1/10|=|=|分米
cm|length|1/100|=|=|厘米
mm|length|1/1000|=|=|毫米
um|length|1/1000000|μm|μm|微米 μm
ft|length|0.3048|=|=|英尺
in|length|0.0254|=|=|英寸 inch
mi|length|1609.344|=|=|英里 mile

m2|length^2|1|m²|m²|平方米 平米 平方 ㎡ m^2 sqm
dm2|length^2|1/100|dm²|dm²|平方分米
cm2|length^2|1/10000|cm²|cm²|平方厘米
mm2|length^2|1/1000000|mm²|mm²|平方毫米
km2|length^2|1000000|km²|km²|平方公里 平方千米
ha|length^2|10000|hm²|ha|公顷 hm2 hectare
mu|length^2|2000/3|亩|mu|亩 市亩
ft2|length^2|0.09290304|ft²|ft²|平方英尺 sqft

m3|length^3|1|m³|m³|立方米 方 立方 立米 ㎥ cbm m^3
L|length^3|1/1000|=|=|升 公升 l litre liter
mL|length^3|1/1000000|=|=|毫升 ml
uL|length^3|1/1000000000|μL|μL|微升 μL
kL|length^3|1|=|=|千升 kl
ML|length^3|1000|=|=|兆升
dm3|length^3|1/1000|dm³|dm³|立方分米
cm3|length^3|1/1000000|cm³|cm³|立方厘米 cc
ft3|length^3|0.028316846592|ft³|ft³|立方英尺 cuft cf
ccf|length^3|2.8316846592|=|=|CCF
gal|length^3|0.003785411784|=|=|美加仑 加仑
bbl|length^3|0.158987294928|=|=|barrel

Nm3|normal gas volume|1|Nm³|Nm³|标方 标准立方米 标立方米 标立方 标况立方米 标准方 Nm^3 Nm³ m3(标) m3(标态) 标m3 NM3 Sm3
NL|normal gas volume|1/1000|=|=|标升 标准升

s|time|1|=|=|秒 sec second
min|time|60|=|=|分钟 minute
h|time|3600|=|=|小时 时 hr hour hours H
d|time|86400|=|=|天 日 day days D 工作日
week|time|604800|周|week|周 星期
month|time|2628000|月|month|月 个月 months
a|time|31536000|=|=|年 y yr year years annum

J|energy|1/1000|=|=|焦 焦耳
kJ|energy|1|=|=|千焦 KJ 千焦耳
MJ|energy|1000|=|=|兆焦 兆焦耳 mj
GJ|energy|1000000|=|=|吉焦 百万千焦 吉焦耳 gj
TJ|energy|1000000000|=|=|太焦
PJ|energy|1000000000000|=|=|拍焦
Wh|energy|18/5|=|=|瓦时
kWh|energy|3600|=|=|千瓦时 千瓦小时 千瓦·时 度 度电 kw.h KWH kwhr
MWh|energy|3600000|=|=|兆瓦时 MWH
GWh|energy|3600000000|=|=|吉瓦时 GWH
TWh|energy|3600000000000|=|=|太瓦时
cal|energy|0.0041868|=|=|卡
kcal|energy|4.1868|=|=|千卡 大卡 Kcal 仟卡
Mcal|energy|4186.8|=|=|兆卡
Gcal|energy|4186800|=|=|吉卡 百万大卡 百万千卡
Btu|energy|1.05505585262|=|=|BTU btu
MMBtu|energy|1055055.85262|=|=|MMBTU mmBtu 百万英热
therm|energy|105505.585262|=|=|therms
W|energy/time|1/1000|=|=|瓦
kW|energy/time|1|=|=|千瓦 KW kw
MW|energy/time|1000|=|=|兆瓦
GW|energy/time|1000000|=|=|吉瓦
hp|energy/time|0.74569987158227022|=|=|英马力
kWp|energy/time|1|=|=|kWp

kgce|standard coal|1|=|=|千克标准煤 公斤标准煤 kg标准煤 千克标煤 公斤标煤 kg标煤 KGCE
tce|standard coal|1000|=|=|吨标准煤 吨标煤 t标准煤 t标煤 tec TCE 标准煤 标煤
gce|standard coal|1/1000|=|=|克标准煤 克标煤 g标准煤 g标煤
kgoe|standard coal|10/7|=|=|千克标准油 公斤标准油 kg标准油 千克标油 kg标油
toe|standard coal|10000/7|=|=|吨标准油 吨标油 t标准油 t标油

Pa|pressure|1|=|=|帕 帕斯卡
hPa|pressure|100|=|=|百帕
kPa|pressure|1000|=|=|千帕 KPa Kpa
MPa|pressure|1000000|=|=|兆帕 Mpa
bar|pressure|100000|=|=|巴
mbar|pressure|100|=|=|毫巴
mPa|pressure|1/1000|=|=|毫帕
atm|pressure|101325|=|=|标准大气压
mmHg|pressure|101325/760|=|=|毫米汞柱
psi|pressure|8896443230521/1290320000|=|=|psi

K|temperature|1|=|=|开 开尔文
degC|temperature|1|℃|°C|℃ °C 摄氏度 度C
degF|temperature|5/9|℉|°F|℉ °F 华氏度

CNY|money|1|元|CNY|元 圆 人民币 人民币元 RMB rmb 块 yuan ￥ ¥ cny
USD|money, USD|1|美元|USD|美元 $ usd dollar
EUR|money, EUR|1|欧元|EUR|欧元 eur €
JPY|money, JPY|1|日元|JPY|日元 jpy yen

kgCO2|carbon dioxide|1|kgCO₂|kgCO₂|千克CO2 公斤CO2 千克二氧化碳 公斤二氧化碳 kg二氧化碳
tCO2|carbon dioxide|1000|tCO₂|tCO₂|吨CO2 吨二氧化碳 t二氧化碳
gCO2|carbon dioxide|1/1000|gCO₂|gCO₂|克二氧化碳
&kgCO2e|公斤二氧化碳当量 kgCO2当量
kgCO2e|carbon dioxide|1|kgCO₂e|kgCO₂e|千克CO2e 千克CO2当量 千克二氧化碳当量 kg二氧化碳当量 kgCO2eq kgCO2-eq
tCO2e|carbon dioxide|1000|tCO₂e|tCO₂e|吨CO2e 吨CO2当量 吨二氧化碳当量 t二氧化碳当量 tCO2eq tCO2-eq tCO2当量
gCO2e|carbon dioxide|1/1000|gCO₂e|gCO₂e|克二氧化碳当量 gCO2eq gCO2-eq
kgC|carbon|1|=|=|千克碳 公斤碳 kg碳
tC|carbon|1000|=|=|吨碳 t碳
gC|carbon|1/1000|=|=|克碳
mgC|carbon|1/1000000|=|=|毫克碳

kgTEQ|toxic equivalent|1|kg TEQ|kg TEQ|
gTEQ|toxic equivalent|1/1000|g TEQ|g TEQ|克毒性当量
mgTEQ|toxic equivalent|1/1000000|mg TEQ|mg TEQ|
ugTEQ|toxic equivalent|1/1000000000|μg TEQ|μg TEQ|μgTEQ
ngTEQ|toxic equivalent|1/1000000000000|ng TEQ|ng TEQ|纳克毒性当量 ngI-TEQ ng-TEQ ngWHO-TEQ
pgTEQ|toxic equivalent|1/1000000000000000|pg TEQ|pg TEQ|pgI-TEQ
equivalent|pollution equivalent|1|污染当量|pollution equivalent|污染当量 污染当量数

Adt|air-dry mass|1000|=|=|风干吨 吨风干浆 Adt(风干浆) adt
tdmf|solvent mass (DMF)|1000|=|=|
tsl|dry solids mass|1000|tsl|tsl|

item|count|1|个|items|个 项 只 items Item(s) 件次 pcs
piece|count|1|件|pieces|件 pieces pc 部
sheet|count|1|片|sheets|片 张 块板 sheets
machine|count|1|台|machines|台 machines
set|count|1|套|sets|套 组 sets
line|count|1|条|lines|条 lines
facility|count|1|座|facilities|座 处 facilities
vehicle|count|1|辆|vehicles|辆 vehicles
unit|count|1|个|units|units
enterprise|count|1|家|enterprises|家 enterprises
times|count|1|次|times|次 班次 批次
batch|count|1|批|batches|批 batches
shift|count|1|班|shifts|班 shifts
head|count|1|头|head|头 匹 heads
bird|count|1|羽|birds|羽 birds
bed|count|1|床|beds|床 床位 beds
room|count|1|间|rooms|间 rooms
bottle|count|1|瓶|bottles|瓶 bottles
box|count|1|箱|boxes|箱 盒 boxes
drum|count|1|桶|drums|桶
roll|count|1|卷|rolls|卷 rolls
pair|count|1|双|pairs|双 对 pairs
plant|count|1|株|plants|株 plants
TEU|count|1|=|=|标准箱 标箱 teu
cell|count|1|个细胞|cells|cells 细胞 个细胞
home|count|1|户|homes|户 homes

person|person|1|人|person|人 persons people 人次 员工

dB|sound level|1|=|=|分贝
dB(A)|sound level|1|=|=|dBA db(A) 分贝(A) dB（A）
V|electric potential|1|=|=|伏 伏特
kV|electric potential|1000|=|=|千伏
mV|electric potential|1/1000|=|=|毫伏
A|electric current|1|=|=|安 安培
kA|electric current|1000|=|=|千安
mA|electric current|1/1000|=|=|毫安
Ah|electric current*time|3600|=|=|安时
kVA|apparent power|1|=|=|千伏安 KVA kva
MVA|apparent power|1000|=|=|兆伏安
kvar|reactive power|1|=|=|千乏
kvarh|reactive power*time|3600|=|=|千乏时
Hz|count/time|1|=|=|赫 赫兹
mol|amount of substance|1|=|=|摩尔
mmol|amount of substance|1/1000|=|=|毫摩尔
kmol|amount of substance|1000|=|=|千摩尔
S|conductance|1|=|=|西门子
uS|conductance|1/1000000|μS|μS|μS us 微西
mS|conductance|1/1000|=|=|毫西
Bq|radioactivity|1|=|=|贝可
kBq|radioactivity|1000|=|=|千贝可
deg|angle|1|°|°|°
NTU|turbidity|1|=|=|ntu 度(浊度)
cd|luminous intensity|1|=|=|坎德拉
lm|luminous flux|1|=|=|流明
lx|illuminance|1|=|=|勒克斯 lux
"""

# Rarer units, sized by pint when first met: symbol | dimension | name in pint | zh | en | spellings
_FROM_PINT = """
oz|mass|ounce|盎司|oz|盎司 ounce
longton|mass|long_ton|长吨|long ton|长吨
yd|length|yard|码|yd|码 yard
yd3|length^3|yard**3|yd³|yd³|立方码
nmi|length|nautical_mile|海里|nmi|海里
acre|length^2|acre|英亩|acre|英亩 acres
impgal|length^3|imperial_gallon|英加仑|imp. gal|英加仑
qt|length^3|quart|夸脱|qt|夸脱
RT|energy/time|refrigeration_ton|冷吨|RT|冷吨 美国冷吨 USRT
eV|energy|electron_volt|eV|eV|电子伏
ftlb|energy|foot_pound|ft·lb|ft·lb|
at|pressure|technical_atmosphere|kgf/cm²|kgf/cm²|工程大气压 kgf/cm2 公斤力/平方厘米 千克力/平方厘米
inHg|pressure|inch_Hg|inHg|inHg|英寸汞柱
Torr|pressure|torr|Torr|Torr|托
"""


def _vector(text: str) -> Vector:
    exponents: dict[str, int] = {}
    for sign, part in zip((1, -1), text.split("/"), strict=False):
        for factor in part.split("*"):
            name, _, power = factor.partition("^")
            exponents[name] = exponents.get(name, 0) + sign * int(power or 1)
    return tuple(sorted((name, power) for name, power in exponents.items() if name and power))


def _read() -> tuple[dict[str, Symbol], dict[str, str]]:
    symbols: dict[str, Symbol] = {}
    spellings: dict[str, str] = {}
    for row in _TABLE.splitlines():
        if not row:
            continue
        if row.startswith("&"):
            symbol, others = row.removeprefix("&").split("|")
            spellings.update(dict.fromkeys(others.split(), symbol))
            continue
        symbol, dimension, size, zh, en, others = row.split("|")
        vector = _vector(dimension)
        rank = min((_RANK.get(name, 7) for name, _ in vector), default=11)
        symbols[symbol] = Symbol(
            symbol,
            Fraction(size or 1),
            vector,
            symbol if zh == "=" else zh,
            symbol if en == "=" else en,
            rank,
        )
        for spelling in (symbol, *others.split()):
            if spellings.get(spelling, symbol) != symbol:
                raise AssertionError(f"spelling of two units: {spelling}")
            spellings[spelling] = symbol
    return symbols, spellings


SYMBOLS, SPELLINGS = _read()


@dataclass(frozen=True, slots=True)
class Rare:
    """A unit whose size comes from pint: name and dimension there, display here."""

    symbol: str
    pint_name: str
    vector: Vector
    zh: str
    en: str

    def sized(self, size: Fraction) -> Symbol:
        """The same unit with its size in base units."""
        rank = min((_RANK.get(name, 7) for name, _ in self.vector), default=11)
        return Symbol(self.symbol, size, self.vector, self.zh, self.en, rank)


def _read_rare() -> dict[str, Rare]:
    rare: dict[str, Rare] = {}
    for row in _FROM_PINT.split("\n"):
        if row:
            symbol, dimension, pint_name, zh, en, others = row.split("|")
            rare[symbol] = Rare(symbol, pint_name, _vector(dimension), zh, en)
            SPELLINGS.update(dict.fromkeys((symbol, *others.split()), symbol))
    return rare


RARE = _read_rare()

# Powers of ten that may stand before a unit, as people write them; longer ones first.
SCALES: tuple[tuple[str, int], ...] = (
    ("千万", 7),
    ("百万", 6),
    ("十万", 5),
    ("亿", 8),
    ("万", 4),
    ("千", 3),
    ("百", 2),
    ("million", 6),
    ("1000000", 6),
    ("100000", 5),
    ("10000", 4),
    ("1000", 3),
    ("100", 2),
    ("10k", 4),
)
