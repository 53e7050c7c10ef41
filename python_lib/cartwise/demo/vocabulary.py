"""The words of the demo shop: categories, brands, products, people and places.

Brands, people and products are invented; e-mail addresses use a domain reserved for examples.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Category:
    """A category of the shop.

    Parameters
    ----------
    name : str
        The category as it stands in the products input.
    chinese : str
        What a Chinese review calls a product of it.
    weight : int
        How often it is somebody's favourite, relative to the others.
    cents : tuple of int
        The lowest and the highest price.
    brands, modifiers, nouns : tuple of str
        A product's name is one of each.
    uses : tuple of str
        Ends of a sentence that opens "Made for ...".
    """

    name: str
    chinese: str
    weight: int
    cents: tuple[int, int]
    brands: tuple[str, ...]
    modifiers: tuple[str, ...]
    nouns: tuple[str, ...]
    uses: tuple[str, ...]


@dataclass(frozen=True)
class NamedProduct:
    """A product that takes part in a planted pattern and so exists in every shop."""

    category: str
    brand: str
    label: str
    cents: int


CATEGORIES = (
    Category(
        "coffee",
        "咖啡",
        14,
        (650, 3200),
        ("Northlight", "Harbour Roast", "Oriel", "Casa Merida", "Bluebird Mill"),
        (
            "Single Origin",
            "Dark Roast",
            "Light Roast",
            "Decaf",
            "Organic",
            "House Blend",
            "Washed",
            "Honey Process",
            "Breakfast",
            "Reserve",
        ),
        (
            "Coffee Beans",
            "Ground Coffee",
            "Espresso Capsules",
            "Cold Brew Bags",
            "Drip Bags",
            "Instant Coffee",
            "Coffee Concentrate",
            "Filter Coffee",
            "Mocha Mix",
        ),
        (
            "slow mornings",
            "espresso machines and moka pots",
            "people who drink it black",
            "iced coffee on warm days",
            "an office kitchen",
        ),
    ),
    Category(
        "tea",
        "茶",
        8,
        (450, 2600),
        ("Jade Terrace", "Willow & Wren", "Sunleaf", "Old Quay", "Mistral"),
        (
            "Organic",
            "First Flush",
            "Smoked",
            "Jasmine",
            "Loose Leaf",
            "Caffeine Free",
            "Spiced",
            "Roasted",
            "Classic",
            "Citrus",
        ),
        (
            "Green Tea",
            "Black Tea",
            "Oolong",
            "White Tea",
            "Rooibos",
            "Herbal Infusion",
            "Chai Blend",
            "Matcha Powder",
            "Pyramid Tea Bags",
        ),
        (
            "a quiet afternoon",
            "hot and iced brewing",
            "the last cup before bed",
            "a gift for a tea lover",
            "long reading evenings",
        ),
    ),
    Category(
        "pet food",
        "宠物粮",
        12,
        (390, 5400),
        ("Tailwind", "Pawsome Farm", "Merle", "Wild Acre", "Bramble & Bone"),
        (
            "Grain Free",
            "Salmon",
            "Chicken",
            "Lamb",
            "Senior",
            "Puppy",
            "Indoor",
            "Sensitive",
            "High Protein",
            "Turkey",
        ),
        (
            "Dog Kibble",
            "Cat Kibble",
            "Wet Dog Food",
            "Cat Pouches",
            "Training Treats",
            "Dental Sticks",
            "Cat Snacks",
            "Freeze Dried Bites",
            "Rabbit Pellets",
        ),
        (
            "picky eaters",
            "dogs with a sensitive stomach",
            "cats that live indoors",
            "active breeds",
            "shiny coats and strong teeth",
        ),
    ),
    Category(
        "skin care",
        "护肤品",
        13,
        (690, 5900),
        ("Lumen", "Alma Verde", "Dermaquiet", "Sea & Clay", "Petal Theory"),
        (
            "Hydrating",
            "Gentle",
            "Fragrance Free",
            "Brightening",
            "Soothing",
            "Vitamin C",
            "Ceramide",
            "Overnight",
            "Mineral",
            "Balancing",
        ),
        (
            "Cleanser",
            "Toner",
            "Serum",
            "Sheet Mask",
            "Hand Cream",
            "Body Lotion",
            "Sunscreen",
            "Lip Balm",
            "Clay Mask",
        ),
        (
            "dry and sensitive skin",
            "everyday use under make-up",
            "skin that has seen the sun",
            "the minute before bed",
            "all skin types",
        ),
    ),
    Category(
        "vitamins",
        "维生素",
        8,
        (590, 4200),
        ("Vitalane", "Greenpost", "Everwell", "Nordic Grove", "Balance Lab"),
        (
            "High Strength",
            "Vegan",
            "Chewable",
            "Kids",
            "Slow Release",
            "Sugar Free",
            "Daily",
            "Women's",
            "Men's",
            "Liquid",
        ),
        (
            "Vitamin D",
            "Vitamin B Complex",
            "Magnesium",
            "Iron Tablets",
            "Zinc Lozenges",
            "Omega Capsules",
            "Collagen Powder",
            "Turmeric Capsules",
            "Electrolyte Tabs",
        ),
        (
            "dark winter months",
            "people on a plant-based diet",
            "busy weeks",
            "muscle recovery after sport",
            "the whole family",
        ),
    ),
    Category(
        "kitchen",
        "厨具",
        12,
        (490, 8900),
        ("Hearthside", "Copperline", "Mise", "Fjord Table", "Saltbox"),
        (
            "Cast Iron",
            "Bamboo",
            "Stainless Steel",
            "Silicone",
            "Ceramic",
            "Non-Stick",
            "Compact",
            "Glass",
            "Foldable",
            "Dishwasher Safe",
        ),
        (
            "Frying Pan",
            "Chopping Board",
            "Mixing Bowl",
            "Spatula Set",
            "Storage Jars",
            "Saucepan",
            "Paring Knife",
            "Baking Tray",
            "Measuring Cups",
        ),
        (
            "small kitchens",
            "home cooks who cook every day",
            "weekend baking",
            "induction and gas hobs",
            "lunches to take away",
        ),
    ),
    Category(
        "stationery",
        "文具",
        8,
        (190, 3400),
        ("Inkwell & Co", "Paperdune", "Quillon", "Margin", "Studio Fold"),
        (
            "Dotted",
            "Ruled",
            "Hardcover",
            "Refillable",
            "Pastel",
            "Recycled",
            "Pocket",
            "Archival",
            "Fine",
            "Magnetic",
        ),
        (
            "Notebook",
            "Gel Pens",
            "Sticky Notes",
            "Weekly Planner",
            "Pencil Case",
            "Highlighters",
            "Sketchbook",
            "Letter Set",
            "Desk Organiser",
        ),
        (
            "students and teachers",
            "meeting notes",
            "a tidy desk",
            "bullet journals",
            "sketches on the train",
        ),
    ),
    Category(
        "baby",
        "婴儿用品",
        7,
        (390, 4900),
        ("Little Otter", "Cloudberry", "Tiny Tern", "Moonmilk", "Pip & Pear"),
        (
            "Organic Cotton",
            "Extra Soft",
            "Hypoallergenic",
            "Newborn",
            "Toddler",
            "Leak-Proof",
            "Natural Rubber",
            "Quilted",
            "Unscented",
            "Travel",
        ),
        (
            "Bodysuit",
            "Bibs",
            "Muslin Cloths",
            "Teether",
            "Baby Shampoo",
            "Feeding Set",
            "Sleeping Bag",
            "Changing Mat",
            "Bath Toy",
        ),
        (
            "the first six months",
            "delicate skin",
            "trips with a pram",
            "curious toddlers",
            "calm nights",
        ),
    ),
    Category(
        "outdoor",
        "户外用品",
        8,
        (790, 12900),
        ("Ridgeway", "Kestrel Camp", "Tarn", "Long Mile", "Stonepine"),
        (
            "Ultralight",
            "Waterproof",
            "Insulated",
            "Packable",
            "Rechargeable",
            "Windproof",
            "Trail",
            "Three-Season",
            "Merino",
            "Reflective",
        ),
        (
            "Water Bottle",
            "Dry Bag",
            "Head Torch",
            "Camping Mug",
            "Hiking Socks",
            "Picnic Blanket",
            "Rain Poncho",
            "Folding Stool",
            "Daypack",
        ),
        (
            "weekends in the hills",
            "festival camping",
            "long commutes by bike",
            "wet weather",
            "day hikes with children",
        ),
    ),
    Category(
        "home textiles",
        "家纺",
        10,
        (890, 9900),
        ("Linden House", "Softmoor", "Weft & Warp", "Larkspur", "Dunmere"),
        (
            "Washed Linen",
            "Cotton",
            "Waffle",
            "Striped",
            "Velvet",
            "Embroidered",
            "Quick Dry",
            "Reversible",
            "Chunky Knit",
            "Bamboo Fibre",
        ),
        (
            "Bath Towel",
            "Cushion Cover",
            "Pillowcase",
            "Throw Blanket",
            "Duvet Cover",
            "Table Runner",
            "Tea Towels",
            "Bath Mat",
            "Fitted Sheet",
        ),
        (
            "hot summer nights",
            "guest bedrooms",
            "a cosy sofa",
            "bathrooms without a heater",
            "long family dinners",
        ),
    ),
)

# each pair is bought together far more often than chance would have it
PAIRS = (
    (
        NamedProduct("coffee", "Oriel", "Pour-Over Dripper", 2450),
        NamedProduct("coffee", "Oriel", "Paper Filters 100 Pack", 690),
    ),
    (
        NamedProduct("coffee", "Northlight", "Barista Oat Drink", 890),
        NamedProduct("kitchen", "Mise", "Milk Frother", 2190),
    ),
    (
        NamedProduct("tea", "Jade Terrace", "Cast Teapot", 3900),
        NamedProduct("tea", "Jade Terrace", "Tasting Cups Set of Two", 1890),
    ),
    (
        NamedProduct("pet food", "Merle", "Puppy Starter Pack", 2690),
        NamedProduct("pet food", "Merle", "Puppy Milk Chews", 790),
    ),
    (
        NamedProduct("pet food", "Wild Acre", "Tuna Mousse Tins", 1290),
        NamedProduct("pet food", "Wild Acre", "Catnip Crunch", 590),
    ),
    (
        NamedProduct("skin care", "Lumen", "Cleansing Balm", 2390),
        NamedProduct("skin care", "Lumen", "Reusable Cotton Pads", 1190),
    ),
    (
        NamedProduct("skin care", "Sea & Clay", "Aftersun Gel", 1690),
        NamedProduct("outdoor", "Tarn", "Sun Hat", 2490),
    ),
    (
        NamedProduct("kitchen", "Hearthside", "Bread Proofing Basket", 1990),
        NamedProduct("kitchen", "Hearthside", "Dough Scraper", 890),
    ),
    (
        NamedProduct("stationery", "Quillon", "Fountain Pen", 2900),
        NamedProduct("stationery", "Quillon", "Ink Bottle Midnight Blue", 1250),
    ),
    (
        NamedProduct("baby", "Little Otter", "Bottle Set", 2290),
        NamedProduct("baby", "Little Otter", "Bottle Brush", 690),
    ),
    (
        NamedProduct("outdoor", "Kestrel Camp", "Gas Stove", 4900),
        NamedProduct("outdoor", "Kestrel Camp", "Gas Cartridge", 790),
    ),
    (
        NamedProduct("home textiles", "Softmoor", "Memory Pillow", 4490),
        NamedProduct("home textiles", "Softmoor", "Pillow Protector", 1490),
    ),
)

# three products each, bought as a set
TRIPLES = (
    (
        NamedProduct("coffee", "Casa Merida", "Moka Pot", 3290),
        NamedProduct("coffee", "Casa Merida", "Espresso Cups", 1990),
        NamedProduct("tea", "Old Quay", "Almond Biscotti", 690),
    ),
    (
        NamedProduct("skin care", "Alma Verde", "Bath Salts", 1490),
        NamedProduct("home textiles", "Larkspur", "Spa Robe", 5900),
        NamedProduct("skin care", "Alma Verde", "Massage Oil", 1890),
    ),
    (
        NamedProduct("kitchen", "Copperline", "Pasta Machine", 5490),
        NamedProduct("kitchen", "Copperline", "Drying Rack for Pasta", 2190),
        NamedProduct("kitchen", "Copperline", "Ravioli Stamp", 1290),
    ),
    (
        NamedProduct("stationery", "Studio Fold", "Watercolour Set", 2790),
        NamedProduct("stationery", "Studio Fold", "Watercolour Pad", 1590),
        NamedProduct("stationery", "Studio Fold", "Round Brushes", 1190),
    ),
    (
        NamedProduct("vitamins", "Balance Lab", "Whey Protein", 3490),
        NamedProduct("vitamins", "Balance Lab", "Shaker", 990),
        NamedProduct("vitamins", "Balance Lab", "Creatine Powder", 1990),
    ),
)


@dataclass(frozen=True)
class Refill:
    """A consumable that its buyers come back for.

    Parameters
    ----------
    product : NamedProduct
        What is bought again.
    cycle_days : int
        Days between two purchases.
    jitter_days : int
        The most days a purchase comes early or late; 0 is an exact cycle.
    weight : int
        How many people come back for it, relative to the others.
    """

    product: NamedProduct
    cycle_days: int
    jitter_days: int
    weight: int = 1


REFILLS = (
    Refill(NamedProduct("coffee", "Bluebird Mill", "Everyday Espresso Beans 1 kg", 1990), 30, 3, 2),
    Refill(NamedProduct("pet food", "Tailwind", "Complete Dog Food 12 kg", 4290), 28, 2),
    Refill(NamedProduct("vitamins", "Everwell", "Multivitamin 60 Tablets", 1690), 60, 4),
    Refill(NamedProduct("skin care", "Dermaquiet", "Daily Face Cream 50 ml", 2290), 45, 4),
    Refill(NamedProduct("tea", "Willow & Wren", "English Breakfast Tea 80 Bags", 790), 40, 3),
    Refill(NamedProduct("baby", "Moonmilk", "Nappies Size 3 Box", 3190), 21, 2),
    Refill(NamedProduct("kitchen", "Saltbox", "Dishwasher Tablets 50", 1290), 50, 4),
    Refill(NamedProduct("vitamins", "Vitalane", "Daily Probiotic 30 Sachets", 2490), 30, 0),
)

# the refill that fails for a month; many people must buy it for that to show
BAD_BATCH = REFILLS[0].product

DESCRIPTION_OPENINGS = (
    "{label} by {brand}, made for {use}.",
    "A {modifier} choice from {brand}: {label}, good for {use}.",
    "{brand} {label} for {use}.",
    "Our {modifier} {label}, picked for {use}.",
)

DESCRIPTION_DETAILS = (
    "Packed in recyclable paper.",
    "Tested by our own team for three months.",
    "A steady favourite of our {category} shelf.",
    "Made in small batches, so supply is limited.",
    "Ships within two working days.",
    "Pairs well with the rest of the {brand} range.",
    "Comes with a two-year guarantee.",
    "Free from artificial colours.",
    "New recipe since last spring.",
    "Also available as a gift set.",
)

DESCRIPTION_MODIFIERS = ("reliable", "thoughtful", "simple", "generous", "well-made", "popular")

# appended when a big shop needs more products than the names allow
PACKS = ("Duo", "Family Pack", "Mini", "Gift Box", "XL", "Travel Size", "Value Pack", "Limited")

# country, weight, sales tax in percent, cities
COUNTRIES = (
    ("US", 28, 8, ("Portland", "Chicago", "Austin", "Boston", "Denver")),
    ("CN", 24, 9, ("Shanghai", "Beijing", "Chengdu", "Shenzhen", "Hangzhou")),
    ("GB", 14, 20, ("London", "Leeds", "Bristol", "Glasgow")),
    ("DE", 10, 19, ("Berlin", "Hamburg", "Leipzig", "Munich")),
    ("CA", 8, 5, ("Toronto", "Montreal", "Halifax")),
    ("AU", 7, 10, ("Melbourne", "Perth", "Brisbane")),
    ("SG", 5, 9, ("Singapore",)),
    ("FR", 4, 20, ("Lyon", "Nantes", "Paris")),
)

FIRST_NAMES = (
    "anna",
    "ben",
    "chloe",
    "daniel",
    "elif",
    "fatima",
    "george",
    "hana",
    "ivan",
    "jia",
    "kofi",
    "lena",
    "mei",
    "noah",
    "olga",
    "pedro",
    "qiang",
    "rosa",
    "sam",
    "tara",
    "uma",
    "victor",
    "wei",
    "xin",
    "yara",
    "zoe",
    "lucas",
    "maria",
    "tom",
    "nina",
)

LAST_NAMES = (
    "adler",
    "baker",
    "chen",
    "diaz",
    "evans",
    "fischer",
    "gupta",
    "huang",
    "ito",
    "jones",
    "kim",
    "li",
    "moreau",
    "novak",
    "okafor",
    "park",
    "quinn",
    "rossi",
    "smith",
    "tanaka",
    "ueda",
    "vogel",
    "wang",
    "xu",
    "young",
    "zhang",
    "silva",
    "brown",
    "liu",
    "martin",
)
