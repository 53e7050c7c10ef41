import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans

from cartwise.customers.segment_centroids import (
    SCHEMA,
    SegmentParams,
    learn_segment_centroids,
)

FEATURES = ["recency_days", "count_orders", "total_net_amount"]
PLANTED = np.array([[1.0, 3.0, 8.0], [4.0, 2.0, 6.0], [1.0, 1.0, 4.0], [5.0, 0.0, 3.0]])


def make_customers(seed=0, counts=(150, 200, 250, 300), spread=0.25):
    """Return customers around the planted centres, the most valuable first."""
    random = np.random.default_rng(seed)
    values = np.repeat(PLANTED, counts, axis=0)
    values = values + random.normal(scale=spread, size=values.shape)
    customers = pd.DataFrame(values, columns=FEATURES)
    customers.insert(0, "sample_id", random.permutation(len(values)) * 3 - 100)
    return customers


def unfold(segments):
    """Return centroids, centers and scales as the SQL has them."""
    centroids = segments.pivot_table(
        index="cluster", columns="feature", values="centroid", sort=False
    )
    measures = segments.drop_duplicates("feature").set_index("feature")
    return centroids, measures["center"], measures["scale"]


def scale(customers, segments, clip=3.0):
    centroids, centers, scales = unfold(segments)
    scaled = (customers[list(centroids)] - centers) / scales
    return scaled.clip(-clip, clip).fillna(0).to_numpy()


def assign(customers, segments):
    """Return the cluster of each customer as the SQL does it, one distance at a time."""
    centroids, _, _ = unfold(segments)
    return np.array(
        [
            min(
                centroids.index,
                key=lambda cluster: sum((row - centroids.loc[cluster].to_numpy()) ** 2),
            )
            for row in scale(customers, segments)
        ]
    )


def measure_silhouette(scaled, centroids):
    silhouettes = []
    for row in scaled:
        own, other = sorted(float(np.sqrt(np.sum((row - each) ** 2))) for each in centroids)[:2]
        silhouettes.append((other - own) / max(own, other) if other else 0.0)
    return np.mean(silhouettes)


def test_planted_groups_are_found_and_numbered_by_value():
    customers = make_customers()
    segments = learn_segment_centroids(customers)
    planted = np.repeat([1, 2, 3, 4], [150, 200, 250, 300])
    np.testing.assert_array_equal(assign(customers, segments), planted)
    counts = segments.drop_duplicates("cluster")["count_sample"]
    assert counts.tolist() == [150, 200, 250, 300]
    centroids, centers, scales = unfold(segments)
    np.testing.assert_allclose(centroids * scales + centers, PLANTED, atol=0.1)


def test_one_row_per_cluster_and_feature():
    segments = learn_segment_centroids(make_customers())
    assert list(segments) == list(SCHEMA)
    assert segments["cluster"].tolist() == np.repeat([1, 2, 3, 4], 3).tolist()
    assert segments["feature"].tolist() == FEATURES * 4
    assert segments["cluster"].dtype == np.int32
    assert segments["count_sample"].dtype == np.int64
    assert segments.notna().all(axis=None)


def test_scale_is_robust_and_falls_back():
    random = np.random.default_rng(0)
    customers = pd.DataFrame(
        {
            "sample_id": range(200),
            "normal": random.normal(10, 2, 200),
            "mostly_zero": np.where(np.arange(200) < 20, 5.0, 0.0),
            "constant": 0.1,
            "missing": np.nan,
        }
    )
    measures = learn_segment_centroids(customers).drop_duplicates("feature").set_index("feature")
    quartiles = customers["normal"].quantile([0.25, 0.5, 0.75]).tolist()
    expected = {
        "normal": (quartiles[1], (quartiles[2] - quartiles[0]) / 1.349),
        "mostly_zero": (0.0, customers["mostly_zero"].std(ddof=0)),
        "constant": (0.1, 1.0),
        "missing": (np.nan, 1.0),
    }
    for feature, (center, scale_) in expected.items():
        np.testing.assert_allclose(measures.loc[feature, ["center", "scale"]], [center, scale_])
    assert measures.loc["normal", "scale"] == pytest.approx(2, rel=0.2)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 4), st.integers(1, 3))
def test_silhouette_and_assignment_equal_their_definitions(seed, count_clusters, count_features):
    values = np.random.default_rng(seed).integers(0, 6, size=(60, count_features)).astype(float)
    customers = pd.DataFrame(values, columns=FEATURES[:count_features])
    customers.insert(0, "sample_id", range(60))
    params = SegmentParams(segment_counts=(count_clusters, count_clusters))
    segments = learn_segment_centroids(customers, params)
    scaled, centroids = scale(customers, segments), unfold(segments)[0]
    expected = measure_silhouette(scaled, centroids.to_numpy())
    np.testing.assert_allclose(segments["silhouette"], expected, atol=1e-9)
    clusters = assign(customers, segments)
    counts = segments.drop_duplicates("cluster")["count_sample"]
    assert counts.sum() == 60
    # each centroid is the middle of its members, unless one is equally near to another
    distances = np.sort(np.linalg.norm(scaled[:, None] - centroids.to_numpy(), axis=2), axis=1)
    if (distances[:, 1] - distances[:, 0] > 1e-9).all():
        assert counts.tolist() == np.bincount(clusters)[1:].tolist()
        for cluster, centroid in centroids.iterrows():
            middle = scaled[clusters == cluster].mean(axis=0)
            np.testing.assert_allclose(middle, centroid, atol=1e-9)


def test_assignment_equals_that_of_scikit_learn():
    customers = make_customers(spread=1.0)
    segments = learn_segment_centroids(customers)
    centroids, scaled = unfold(segments)[0].to_numpy(), scale(customers, segments)
    again = KMeans(len(centroids), init=centroids, n_init=1, tol=0).fit(scaled)
    np.testing.assert_allclose(again.cluster_centers_, centroids, atol=0.02)
    again.cluster_centers_ = centroids
    np.testing.assert_array_equal(assign(customers, segments), again.predict(scaled) + 1)
    counts = segments.drop_duplicates("cluster")["count_sample"].tolist()
    assert counts == np.bincount(again.predict(scaled)).tolist()


def test_the_number_with_the_highest_silhouette_is_chosen():
    customers = make_customers(spread=1.0)
    chosen = learn_segment_centroids(customers)
    silhouettes = {
        number: learn_segment_centroids(customers, SegmentParams(segment_counts=[number, number]))[
            "silhouette"
        ].iloc[0]
        for number in range(3, 9)
    }
    assert chosen["cluster"].max() == max(silhouettes, key=silhouettes.get)
    assert chosen["silhouette"].iloc[0] == max(silhouettes.values())


@pytest.mark.parametrize("max_customers", [50_000, 400])
def test_order_of_rows_does_not_matter(max_customers):
    customers = make_customers(spread=1.0)
    before = customers.copy()
    params = SegmentParams(max_customers=max_customers)
    expected = learn_segment_centroids(customers, params)
    shuffled = learn_segment_centroids(customers.sample(frac=1, random_state=1), params)
    pd.testing.assert_frame_equal(shuffled, expected, check_exact=True)
    pd.testing.assert_frame_equal(customers, before)


@pytest.mark.parametrize("random_state", [1, 2, 3])
def test_numbers_do_not_depend_on_the_random_start(random_state):
    customers = make_customers()
    expected = learn_segment_centroids(customers)
    segments = learn_segment_centroids(customers, SegmentParams(random_state=random_state))
    pd.testing.assert_frame_equal(segments, expected)


def test_numbers_follow_the_first_feature_and_break_ties_by_the_next():
    customers = pd.DataFrame(
        {
            "sample_id": range(90),
            "count_orders": [0.0, 9.0, 9.0] * 30,
            "recency_days": [5.0, 1.0, 8.0] * 30,
        }
    )
    centroids, centers, scales = unfold(
        learn_segment_centroids(customers, SegmentParams(segment_counts=(3, 3)))
    )
    found = (centroids * scales + centers).round(6).to_numpy().tolist()
    assert found == [[9, 8], [9, 1], [0, 5]]


@pytest.mark.parametrize("max_customers", [50_000, 600])
@pytest.mark.parametrize("spread", [0.25, 0.6])
def test_a_few_more_customers_hardly_change_the_segments(spread, max_customers):
    customers = make_customers(spread=spread)
    newcomers = make_customers(seed=1, counts=(3, 2, 2, 2), spread=spread)
    newcomers["sample_id"] += 10**6
    params = SegmentParams(max_customers=max_customers)
    before = assign(customers, learn_segment_centroids(customers, params))
    after = assign(customers, learn_segment_centroids(pd.concat([customers, newcomers]), params))
    assert (before == after).mean() >= 0.95


@pytest.mark.parametrize("count_wholesalers", [1, 5])
@pytest.mark.parametrize("counts", [(15, 20, 25, 30), (150, 200, 250, 300)])
def test_a_huge_wholesaler_gets_no_segment_of_their_own(counts, count_wholesalers):
    if count_wholesalers > 0.02 * sum(counts):
        count_wholesalers = 1
    customers = make_customers(counts=counts)
    customers.iloc[:count_wholesalers, 1:] = [0.0, 1e3, 1e6]
    segments = learn_segment_centroids(customers)
    assert segments["cluster"].max() == 4
    clusters = assign(customers, segments)
    assert (clusters[:count_wholesalers] == 1).all()
    assert segments["count_sample"].min() >= 15
    # nor does the wholesaler move the others
    others = make_customers(counts=counts)
    np.testing.assert_array_equal(
        clusters[count_wholesalers:], assign(others, segments)[count_wholesalers:]
    )


def test_a_number_with_a_tiny_segment_is_passed_over():
    # ten customers far from the others make the best third segment, but hold 1 % of all
    customers = make_customers(counts=(10, 0, 490, 500))
    eager = learn_segment_centroids(customers, SegmentParams(segment_counts=(2, 4), min_share=0.0))
    assert eager["cluster"].max() == 3
    assert eager["count_sample"].min() == 10
    segments = learn_segment_centroids(customers, SegmentParams(segment_counts=(2, 4)))
    assert segments["count_sample"].min() >= 20


def test_a_number_with_a_segment_of_one_is_passed_over():
    customers = make_customers(counts=(1, 0, 19, 20))
    segments = learn_segment_centroids(customers, SegmentParams(segment_counts=(2, 3)))
    assert segments["cluster"].max() == 2


def test_customers_without_structure_give_the_same_segments_each_time():
    values = np.random.default_rng(0).random((500, 6))
    customers = pd.DataFrame(values, columns=list("abcdef"))
    customers.insert(0, "sample_id", range(500))
    params = SegmentParams(segment_counts=(8, 8))
    expected = learn_segment_centroids(customers, params)
    again = learn_segment_centroids(customers, params)
    pd.testing.assert_frame_equal(again, expected, check_exact=True)
    # the start matters here, so it was the same
    other = learn_segment_centroids(customers, SegmentParams((8, 8), random_state=1))
    assert not other.equals(expected)


def test_if_every_number_has_a_tiny_segment_the_largest_of_them_decides():
    customers = make_customers()
    params = SegmentParams(min_share=0.5)
    least = {
        number: learn_segment_centroids(customers, SegmentParams(segment_counts=(number, number)))[
            "count_sample"
        ].min()
        for number in range(3, 9)
    }
    chosen = learn_segment_centroids(customers, params)
    assert chosen["cluster"].max() == max(least, key=least.get)
    assert chosen["count_sample"].min() == max(least.values())


def test_missing_values_count_as_the_center():
    customers = make_customers()
    customers["gap_days"] = np.where(np.arange(900) % 2, np.nan, 7.0)
    customers.loc[::10, "recency_days"] = np.nan
    segments = learn_segment_centroids(customers)
    centers = unfold(segments)[1]
    filled = customers.fillna({feature: centers[feature] for feature in centers.index})
    np.testing.assert_array_equal(assign(customers, segments), assign(filled, segments))
    assert (segments.loc[segments["feature"] == "gap_days", "centroid"] == 0).all()
    counts = segments.drop_duplicates("cluster")["count_sample"].tolist()
    assert counts == np.bincount(assign(customers, segments))[1:].tolist()


def test_fewer_different_customers_than_segments_make_fewer_segments():
    customers = make_customers(spread=0)
    customers["sample_id"] = range(900)
    segments = learn_segment_centroids(customers, SegmentParams(segment_counts=(3, 8)))
    assert segments["cluster"].max() == 4
    np.testing.assert_allclose(segments["silhouette"], 1)
    assert learn_segment_centroids(customers, SegmentParams(segment_counts=(5, 8))).empty


@pytest.mark.parametrize(
    "customers",
    [
        make_customers().head(0),
        make_customers().head(29),
        make_customers().assign(**dict.fromkeys(FEATURES, 1.0)),
        make_customers().assign(**dict.fromkeys(FEATURES, np.nan)),
    ],
    ids=["none", "too_few", "all_alike", "all_missing"],
)
def test_nothing_in_nothing_out(customers):
    segments = learn_segment_centroids(customers)
    assert segments.empty
    assert list(segments) == list(SCHEMA)
    assert segments["cluster"].dtype == np.int32
    assert segments["count_sample"].dtype == np.int64
    assert (segments[["centroid", "center", "scale", "silhouette"]].dtypes == np.float64).all()


def test_just_enough_customers():
    customers = make_customers().sample(30, random_state=0)
    assert not learn_segment_centroids(customers).empty


def test_a_sample_bounds_the_customers():
    segments = learn_segment_centroids(make_customers(), SegmentParams(max_customers=300))
    assert segments.drop_duplicates("cluster")["count_sample"].sum() == 300
    assert segments["cluster"].max() == 4


def test_repeated_keys_are_named():
    customers = make_customers().assign(sample_id=7)
    message = r"sample_id must be unique: 899 of 900 rows .* \[7, 7, 7\]"
    with pytest.raises(ValueError, match=message):
        learn_segment_centroids(customers)


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        *(
            ("segment_counts", value, "segment_counts must be two whole numbers from 2 to 10")
            for value in ([1, 3], [3, 11], [5, 4], [3], [3, 4, 5], [3.0, 4], "38", 5, [True, 3])
        ),
        ("min_share", 0.6, "min_share must be a number from 0 to 0.5, got 0.6"),
        ("min_share", float("nan"), "min_share must be a number from 0 to 0.5, got nan"),
        ("min_share", "0.1", "min_share must be a number from 0 to 0.5, got '0.1'"),
        ("clip", 0, "clip must be a number above 0, got 0"),
        ("clip", float("inf"), "clip must be a number above 0, got inf"),
        ("min_customers", 1, "min_customers must be a whole number of at least 2, got 1"),
        ("max_customers", 1e4, "max_customers must be a whole number of at least 2, got 10000.0"),
        ("random_state", -1, "random_state must be a whole number from 0 to .*, got -1"),
        ("random_state", None, "random_state must be a whole number from 0 to .*, got None"),
    ],
)
def test_settings_check_themselves(setting, value, message):
    with pytest.raises(ValueError, match=message):
        SegmentParams(**{setting: value})


@pytest.mark.parametrize("value", [(2, 10), [3, 3]])
def test_segment_counts_at_the_limits(value):
    assert SegmentParams(segment_counts=value).segment_counts == value
