"""The sentences that reviews are made of, in English and Chinese, and how they are put together.

A review is a few clauses. Each clause is about one topic and is either praise or complaint, so
that the topic and the sentiment of a text can be learnt from its words, while product names,
intensifiers, openings, endings, mixed feelings and negations ("not good") keep any single word
from giving the answer away.
"""

# Chinese text uses full-width punctuation
# ruff: noqa: RUF001

from dataclasses import dataclass

TOPICS = (
    "delivery",
    "quality",
    "price",
    "size",
    "service",
    "packaging",
    "returns",
    "authenticity",
)

POSITIVE_WORDS = {
    "en": (
        "great",
        "lovely",
        "excellent",
        "perfect",
        "wonderful",
        "fantastic",
        "superb",
        "nice",
        "solid",
        "impressive",
    ),
    "zh": ("很好", "满意", "舒心", "完美", "优秀", "出色", "惊喜", "贴心"),
}

NEGATIVE_WORDS = {
    "en": (
        "terrible",
        "awful",
        "poor",
        "disappointing",
        "bad",
        "useless",
        "horrible",
        "shoddy",
        "annoying",
        "dreadful",
    ),
    "zh": ("很差", "失望", "糟糕", "难用", "后悔", "生气", "劣质", "无语"),
}

_INTENSIFIERS = {
    "en": ("really ", "very ", "quite ", "so ", "truly ", ""),
    "zh": ("真的", "非常", "特别", "确实", ""),
}

# topic -> (praise, complaint); {word} is a sentiment word, {item} the product, {kind} its category
_CLAUSES = {
    "en": {
        "delivery": (
            (
                "delivery was {word} and took only {days} days",
                "it arrived {days} days early",
                "the courier was quick and careful",
                "shipping is fast and {very}{word}",
                "ordered on Monday, had my {item} two days later",
                "the parcel came right on time",
            ),
            (
                "delivery was {word}, I waited {days} weeks",
                "it arrived {days} days late",
                "the courier left the parcel in the rain",
                "shipping took forever",
                "the tracking never moved and the {item} came far too late",
                "the parcel got lost on the way",
            ),
        ),
        "quality": (
            (
                "the quality is {very}{word}",
                "the {item} works well and feels {word}",
                "well made, every detail is {word}",
                "best {kind} product I have had in years",
                "still like new after {days} months",
                "it tastes and feels {word}",
            ),
            (
                "the quality is {very}{word}",
                "the {item} broke after {days} days",
                "it feels cheap and {word}",
                "the {item} is not good, nothing like the last one",
                "fell apart in the first week",
                "this {kind} product is {word} and smells odd",
            ),
        ),
        "price": (
            (
                "the price is {very}{word}",
                "good value for money",
                "cheaper than elsewhere and {word}",
                "worth every cent",
                "a bargain for a {item} like this",
                "{word} deal with the discount",
            ),
            (
                "the price is {word} for what you get",
                "far too expensive",
                "not worth the money",
                "it was cheaper elsewhere {days} days later",
                "overpriced {item}",
                "they raised the price again, {word}",
            ),
        ),
        "size": (
            (
                "the size is {word}",
                "fits just right",
                "exactly as big as the picture shows",
                "a {word} size for daily use",
                "the {item} is bigger than expected, which is {word}",
                "the measurements are spot on",
            ),
            (
                "the size is {word}",
                "much smaller than the picture shows",
                "it does not fit at all",
                "the {item} is too big for my shelf",
                "the measurements are wrong, {very}{word}",
                "tiny portion, half empty",
            ),
        ),
        "service": (
            (
                "customer service was {very}{word}",
                "the support team answered within {days} hours",
                "friendly staff and {word} advice",
                "they solved my problem at once",
                "a {word} chat with the support agent",
                "the seller was kind and patient",
            ),
            (
                "customer service was {very}{word}",
                "nobody answered my emails for {days} days",
                "rude staff and {word} advice",
                "support kept sending me the same reply",
                "the seller was not helpful",
                "the hotline hung up on me",
            ),
        ),
        "packaging": (
            (
                "the packaging is {word}",
                "carefully wrapped and plastic free",
                "the box looks {word}, ideal as a gift",
                "nothing was damaged thanks to the padding",
                "the {item} came in a {word} tin",
                "love the paper wrapping",
            ),
            (
                "the packaging is {word}",
                "the box was crushed and torn",
                "it leaked all over the box",
                "far too much plastic around one {item}",
                "the seal was already open",
                "the lid was broken and the wrapping {word}",
            ),
        ),
        "returns": (
            (
                "returning it was {very}{word}",
                "the refund came after {days} days",
                "easy exchange without any questions",
                "the return label was in the box, {word}",
                "sent the {item} back and had my money quickly",
                "the return policy is {word}",
            ),
            (
                "returning it was {very}{word}",
                "still waiting for my refund after {days} weeks",
                "they refused to take the {item} back",
                "I had to pay for the return label",
                "the exchange took forever",
                "the return policy is {word}",
            ),
        ),
        "authenticity": (
            (
                "it is genuine, the {word} original",
                "the code on the seal checks out as authentic",
                "the real {item}, same as in the store",
                "an original, as promised",
                "clearly not a copy, {very}{word}",
                "the certificate is included and valid",
            ),
            (
                "looks fake to me",
                "the code on the seal is invalid",
                "this is not the original {item}",
                "a {word} copy",
                "the logo is wrong, surely counterfeit",
                "not authentic, {very}{word}",
            ),
        ),
    },
    "zh": {
        "delivery": (
            (
                "物流{very}快",
                "{days}天就到货了",
                "快递小哥有礼貌，{word}",
                "发货速度{word}",
                "配送准时",
            ),
            (
                "物流太慢了",
                "等了{days}个星期才到",
                "快递{word}",
                "发货速度{word}",
                "包裹在路上弄丢了",
            ),
        ),
        "quality": (
            (
                "质量{very}{word}",
                "做工{word}",
                "用了{days}个月还像新的",
                "这款{kind}品质{word}",
                "质感不错",
            ),
            (
                "质量{very}{word}",
                "做工粗糙",
                "用了{days}天就坏了",
                "这款{kind}品质{word}",
                "质量不好",
            ),
        ),
        "price": (
            ("价格实惠，{word}", "性价比很高", "比别家便宜", "这个价钱值得", "打折买的，{word}"),
            (
                "价格太贵了",
                "性价比很低",
                "不值这个价钱",
                "买完{days}天就降价，{word}",
                "价格虚高，{word}",
            ),
        ),
        "size": (
            ("尺寸正合适", "大小{word}", "尺码{very}准", "跟图片一样大", "分量足"),
            ("尺寸不对", "大小不合适，{word}", "比图片小很多", "尺码偏小", "分量太少"),
        ),
        "service": (
            ("客服{very}{word}", "客服回复快", "售后态度{word}", "店家耐心解答", "服务{word}"),
            (
                "客服{very}{word}",
                "客服{days}天不回消息",
                "售后态度{word}",
                "店家不理人",
                "服务{word}",
            ),
        ),
        "packaging": (
            ("包装{word}", "包装{very}精美", "盒子完好无损", "包装严实", "送人也体面"),
            ("包装{word}", "盒子都压坏了", "漏得到处都是", "包装破损", "封口是开的"),
        ),
        "returns": (
            (
                "退货{very}方便",
                "退款{days}天就到账",
                "换货顺利，{word}",
                "退换流程{word}",
                "退货不用自己出运费",
            ),
            (
                "退货{very}麻烦",
                "退款{days}个星期没到账",
                "不给退货，{word}",
                "退换流程{word}",
                "退货还要自己出运费",
            ),
        ),
        "authenticity": (
            ("是正品，{word}", "扫码验证是真的", "跟专柜一样", "正品保证，{word}", "防伪码有效"),
            ("感觉是假货", "扫码验证失败", "跟专柜不一样，{word}", "不是正品", "防伪码无效"),
        ),
    },
}

_OPENINGS = {
    "en": (
        (
            "I bought this {item} for my sister and ",
            "Third order already: ",
            "So far ",
            "Happy to say ",
            "As always, ",
            "",
            "",
            "",
        ),
        (
            "I bought this {item} for my sister and ",
            "Sadly ",
            "Sorry, but ",
            "Second try and again ",
            "Honestly, ",
            "",
            "",
            "",
        ),
    ),
    "zh": (
        ("第二次买了，", "给家人买的{kind}，", "总体来说", "收到了，", "", ""),
        ("第二次买了，", "给家人买的{kind}，", "说实话", "没想到", "", ""),
    ),
}

_ENDINGS = {
    "en": (
        (
            ". Would buy again",
            ". Recommended",
            ". Thank you",
            ". Not bad at all",
            "! My {kind} shelf is full now",
            "",
            "",
            "",
            "",
        ),
        (
            ". Never again",
            ". Not recommended",
            ". I want my money back",
            ". Not good",
            "! Avoid this {item}",
            "",
            "",
            "",
            "",
        ),
    ),
    "zh": (
        ("。会回购", "。推荐", "。谢谢店家", "。还不错", "", ""),
        ("。不会再买", "。不推荐", "。差评", "。不好", "", ""),
    ),
}

_SHORT = {
    "en": (
        ("Good", "Love it!", "Great {item}", "ok, good", "Not bad", "👍", "Perfect"),
        ("Bad", "Not good", "Hate it", "no", "Not happy", "👎", "Terrible {item}"),
        ("It is ok", "Fine", "So so", "average {item}"),
    ),
    "zh": (
        ("好", "很好", "不错", "喜欢", "👍", "满意"),
        ("差", "不好", "太差了", "不喜欢", "👎", "失望"),
        ("一般", "还行", "凑合"),
    ),
}

_TITLES = {
    "en": (
        (
            "Very happy",
            "Would order again",
            "Five stars for the {topic}",
            "Good {item}",
            "Recommended",
            "Better than expected",
        ),
        (
            "Disappointed",
            "Not again",
            "Problems with the {topic}",
            "Bad {item}",
            "Not recommended",
            "Worse than expected",
        ),
        ("Mixed feelings", "It is ok", "Average {item}", "Good and bad"),
    ),
    "zh": (
        ("很满意", "会再来", "好评", "值得买", "超出预期"),
        ("很失望", "不会再来", "差评", "不值得", "不如预期"),
        ("一般般", "有好有坏", "还可以"),
    ),
}

_EMOJI = (("😊", "😍", "🎉", "⭐"), ("😡", "😞", "💔", "🙄"))
_BUT = {"en": (", but ", ". However, ", " although "), "zh": ("，但是", "，不过", "，可惜")}
_AND = {"en": (", and ", ". Also, ", "; "), "zh": ("，", "，而且", "，还有")}
_STOP = {"en": ".", "zh": "。"}


class _Picker:
    """Choices read from one hashed number, by a linear congruential generator (Knuth's MMIX)."""

    def __init__(self, bits: int) -> None:
        self._state = bits

    def below(self, high: int) -> int:
        """Return the next integer in [0, high)."""
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self._state >> 33) % high

    def one_of(self, options: tuple[str, ...]) -> str:
        """Return one of `options`."""
        return options[self.below(len(options))]


@dataclass(frozen=True)
class ReviewFacts:
    """What a review is about.

    Parameters
    ----------
    language : {"en", "zh"}
        The language of the text.
    rating : int
        1 to 5, what the customer felt, whether or not it is shown.
    topic, second_topic : str
        Two of `TOPICS`.
    item, category, chinese : str
        The product's noun, its category and the Chinese word for that.
    """

    language: str
    rating: int
    topic: str
    second_topic: str
    item: str
    category: str
    chinese: str


def _write_clause(picker: _Picker, facts: ReviewFacts, topic: str, mood: int) -> str:
    """Return one clause on `topic`; a mood of 0 praises, 1 complains."""
    language = facts.language
    words = (POSITIVE_WORDS, NEGATIVE_WORDS)[mood][language]
    return picker.one_of(_CLAUSES[language][topic][mood]).format(
        word=picker.one_of(words),
        very=picker.one_of(_INTENSIFIERS[language]),
        days=2 + picker.below(7),
        item=facts.item,
        kind=facts.chinese if language == "zh" else facts.category,
    )


def _write_body(picker: _Picker, facts: ReviewFacts, mood: int) -> str:
    """Return the clauses of a review between an opening and an ending."""
    language = facts.language
    kind = facts.chinese if language == "zh" else facts.category
    text = _write_clause(picker, facts, facts.topic, mood)
    # middling ratings see both sides, clear ones now and then
    if picker.below(100) < {1: 4, 2: 20, 3: 90, 4: 25, 5: 4}[facts.rating]:
        text += picker.one_of(_BUT[language])
        text += _write_clause(picker, facts, facts.second_topic, 1 - mood)
    elif picker.below(100) < 45:
        second = facts.topic if picker.below(2) else facts.second_topic
        text += picker.one_of(_AND[language]) + _write_clause(picker, facts, second, mood)
    opening = picker.one_of(_OPENINGS[language][mood]).format(item=facts.item, kind=kind)
    ending = picker.one_of(_ENDINGS[language][mood]).format(item=facts.item, kind=kind)
    text = opening + text + ending + _STOP[language]
    if picker.below(100) < 5:
        text += " " + picker.one_of(_EMOJI[mood])
    return text[0].upper() + text[1:]


def write_review(facts: ReviewFacts, bits: int) -> tuple[str | None, str]:
    """Write the title and the body of one review.

    Parameters
    ----------
    facts : ReviewFacts
        What the review is about.
    bits : int
        A hashed number that decides on the words.

    Returns
    -------
    title : str or None
        Four in ten reviews have none.
    body : str
        Never empty.

    Examples
    --------
    >>> facts = ReviewFacts("en", 5, "delivery", "price", "kettle", "kitchen", "厨具")
    >>> write_review(facts, bits=5) == write_review(facts, bits=5)
    True
    """
    picker = _Picker(bits)
    if facts.rating == 3:
        mood = picker.below(2)
        tone = 2
    else:
        mood = tone = 0 if facts.rating > 3 else 1
    # some people click the wrong star
    if picker.below(100) < 2:
        mood = 1 - mood
    if picker.below(100) < 6:
        body = picker.one_of(_SHORT[facts.language][tone]).format(item=facts.item)
    else:
        body = _write_body(picker, facts, mood)
    title = None
    if picker.below(10) < 6:
        title = picker.one_of(_TITLES[facts.language][tone])
        title = title.format(item=facts.item, topic=facts.topic)
    return title, body
