{%- set fields = ['product_name', 'description', 'category', 'brand'] -%}

with

products as (

    select
        product_number,
        product_id

    from {{ ref('cartwise', 'feat_cartwise__products') }}

),

master_rows as (

    select
        product_id,
        product_name,
        description,
        category,
        brand

    from {{ ref('cartwise', 'int_cartwise__products') }}

),

-- the name of a product without a master row is its id, which says nothing
texts as (

    select
        products.product_number,
        nullif(master_rows.product_name, master_rows.product_id) as product_name,
        master_rows.description,
        master_rows.category,
        master_rows.brand

    from products
    inner join master_rows on products.product_id = master_rows.product_id

),

-- no token holds the bar: it keeps the words of two columns from pairing
marked_texts as (

    select
        product_number,
        concat_ws(
            ' | ',
            {%- for field in fields %}
            {{ cartwise.token_text('left(' ~ field ~ ', 10000)') }}{{ ',' if not loop.last }}
            {%- endfor %}
        ) as token_text

    from texts

),

token_texts as (

    select * from marked_texts
    where token_text <> ''

),

marked_terms as (

    {{ cartwise.explode_terms('token_texts', ['product_number']) }}

),

terms as (

    select * from marked_terms
    where term not like '%|%'

),

totals as (

    select count(distinct product_number) as count_products
    from terms

),

-- a term of very many products tells none apart, and comparing all of them would be quadratic
document_frequencies as (

    select
        term,
        count(*) as count_products,
        cast(row_number() over (order by term) as integer) as term_number

    from terms
    group by 1
    having count(*) <= 5000

),

weighted as (

    select
        terms.product_number,
        terms.term,
        document_frequencies.term_number,
        document_frequencies.count_products,
        -- sublinear term frequency and smooth inverse document frequency
        (1 + ln(terms.term_count)) * (
            1 + ln(
                (1 + totals.count_products)
                / cast(1 + document_frequencies.count_products as double)
            )
        ) as raw_weight

    from terms
    inner join document_frequencies on terms.term = document_frequencies.term
    cross join totals

),

norms as (

    select
        product_number,
        sqrt({{ cartwise.stable_sum('raw_weight * raw_weight') }}) as norm

    from weighted
    group by 1

)

select
    weighted.product_number,
    weighted.term_number,
    weighted.term,
    weighted.raw_weight / norms.norm as weight

from weighted
inner join norms on weighted.product_number = norms.product_number
-- what no other product has counts for the length of a product, but cannot be shared
where weighted.count_products > 1
