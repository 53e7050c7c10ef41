import numpy as np
import pandas as pd
import pytest

from cartwise.reviews.term_counts import count_terms, name_model
from cartwise.tables import build_table

MODEL = pd.DataFrame(
    {
        "term": ["good", "不 好"],
        "weight": [0.1234567890123, np.nan],
        "is_own_term": [False, True],
    }
)


def name(model, fold_id="all"):
    (model_id,) = set(name_model(fold_id, model)["model_id"])
    return model_id


def test_counts_of_a_text_are_stored_in_order_of_the_terms():
    # else sums over them would end in other digits with other texts before it
    texts = ["b a c b", "d a b", "c d a"]
    for first in range(3):
        terms, counts = count_terms(pd.Series(np.roll(texts, first)), min_df=1)
        assert terms.tolist() == sorted(terms)
        for row in range(3):
            columns = counts.indices[counts.indptr[row] : counts.indptr[row + 1]]
            assert columns.tolist() == sorted(columns)


def test_a_term_is_frequent_by_texts_and_in_code_point_order():
    texts = pd.Series(["a a a b 好", "Z b 好 é", "Z é 好", "z"])
    assert count_terms(texts, min_df=2)[0].tolist() == ["Z", "b", "b 好", "é", "好"]
    assert count_terms(texts, min_df=3)[0].tolist() == ["好"]
    terms, counts = count_terms(texts, min_df=4)
    assert not terms.size
    assert counts.shape == (4, 0)


@pytest.mark.parametrize(
    "changed",
    [
        MODEL.assign(term=["good", "不"]),
        MODEL.assign(weight=[0.1234567890134, np.nan]),
        MODEL.assign(weight=[0.1234567890123, 0.0]),
        MODEL.assign(is_own_term=False),
        MODEL.iloc[::-1],
        MODEL.head(1),
    ],
    ids=["term", "twelfth_digit", "missing", "flag", "order", "row"],
)
def test_model_id_changes_with_any_parameter(changed):
    assert name(changed) != name(MODEL)
    assert name(MODEL, "0") != name(MODEL)


def test_model_id_stays_with_the_parameters():
    assert name(MODEL.assign(weight=[0.12345678901231, np.nan])) == name(MODEL)
    assert name(MODEL.set_axis([7, 3])) == name(MODEL)


def test_models_are_put_together_in_their_types():
    schema = {"model_id": "string", "fold_id": "string", "term": "string"}
    schema |= {"weight": "double", "is_own_term": "boolean"}
    named = [name_model(fold_id, MODEL.set_axis([7, 3])) for fold_id in ("0", "all")]
    table = build_table(named, schema)
    assert table.index.tolist() == [0, 1, 2, 3]
    assert table["fold_id"].tolist() == ["0", "0", "all", "all"]
    assert table.dtypes.tolist() == build_table([], schema).dtypes.tolist()
