"""Chinese surnames, readings of names, and pinyin syllables."""

from __future__ import annotations


def _parse_table(text: str) -> dict[str, tuple[str, ...]]:
    """Parse "character reading …, character reading …" into character → readings."""
    return {words[0]: tuple(words[1:]) for words in map(str.split, text.split(","))}


# The Hundred Family Surnames and other common surnames, to find the surname of a name in one case.
SURNAMES = tuple(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎"
    "鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄"
    "和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭"
    "梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚"
    "程嵇邢滑裴陆荣翁荀羊惠甄曲封芮储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾"
    "暴甘厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭"
    "贡劳逄姬申扶堵冉宰郦雍却璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈"
    "廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾沙乜养鞠"
    "须丰巢关蒯相查后荆红游竺权逯盖益桓公仉督岳帅缑亢况有琴归海晋楚闫法汝鄢涂钦商牟佘佴伯赏墨哈谯年爱"
    "阳佟言福肖邸付代信丘区苟原门亓仝冼占修候刀卿展粟练辜邝衣覃尧初苑揭朴逮迟宛岩矫隋谌麦栗敬种鹿鲜由"
    "藏揣官铁佀仵禚兰招鄞"
)
COMPOUND_SURNAMES = frozenset(
    _parse_table(
        "欧阳, 司马, 上官, 诸葛, 司徒, 司空, 夏侯, 皇甫, 尉迟, 公孙, 令狐, 慕容, 宇文, 长孙, 端木, "
        "轩辕, 东方, 西门, 南宫, 东郭, 百里, 呼延, 赫连, 澹台, 独孤, 拓跋, 万俟, 闻人, 钟离, 申屠, "
        "太史, 公羊, 濮阳, 淳于, 单于, 仲孙, 鲜于, 闾丘, 司寇, 子车, 颛孙, 左丘, 纳兰, 完颜, 耶律"
    )
)
# Surnames whose reading differs from the common reading of the character; some have two readings.
SURNAME_READINGS = _parse_table(
    "曾 zeng, 单 shan, 解 xie, 仇 qiu, 区 ou, 朴 piao, 查 zha, 盖 ge gai, 缪 miao, 翟 zhai di, "
    "乐 yue le, 覃 qin tan, 牟 mu mou, 谌 chen shen, 隗 wei kui, 莘 shen xin, 郗 xi chi, 宓 mi fu, "
    "洗 xian, 召 shao, 员 yun, 种 chong, 黑 he, 折 she, 繁 po, 郇 xun huan, 祭 zhai, 能 nai, 么 yao, "
    "都 du, 角 jue, 句 gou, 卜 bu, 藏 zang, 柏 bai bo, 薄 bo, 尉 wei yu, 佴 nai, 乜 nie, 阚 kan, "
    "秘 bi, 适 kuo, 子车 ziju"
)
# Characters of given names with several readings; readings that names do not use are left out.
GIVEN_READINGS = _parse_table(
    "娜 na nuo, 莎 sha suo, 乐 le yue, 行 xing hang, 朝 zhao chao, 长 chang zhang, 重 chong zhong, "
    "晟 sheng cheng, 茜 qian xi, 柏 bai bo, 盛 sheng cheng, 曾 ceng zeng, 单 dan shan, 解 jie xie, "
    "杉 shan sha, 莞 wan guan, 蔚 wei yu, 峤 qiao jiao, 炅 jiong gui, 朴 pu piao, 传 chuan zhuan, "
    "会 hui kuai, 觉 jue jiao, 省 xing sheng, 宿 su xiu, 仔 zi zai, 伯 bo bai, 参 shen can, 拓 tuo ta, "
    "大 da dai, 藏 cang zang, 颉 xie jie, 卜 bu bo, 系 xi ji, 纶 lun guan, 厦 xia sha, 率 shuai lv, "
    "缪 miao mou, 翟 zhai di, 那 na nuo, 车 che ju, 奇 qi ji, 露 lu lou, 著 zhu zhuo, 石 shi dan, "
    "调 tiao diao, 种 zhong chong"
)

# Initial → finals; ü is written v.
FINALS = {
    "": "a ai an ang ao e ei en eng er o ou yi ya yan yang yao ye yin ying yo yong you yu yuan yue yun "
        "wu wa wai wan wang wei wen weng wo",
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng o ou u",
    "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan uo v ve",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan un uo v ve",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "k": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "zh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "r": "an ang ao e en eng i ong ou u ua uan ui un uo",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
}  # fmt: skip
