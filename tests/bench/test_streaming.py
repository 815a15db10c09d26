"""The clients and pacers of the streaming measurement, as small as it can be: what is counted, not how fast it is."""

import shutil

import pytest

from scripts.bench.errors import NotMeasured
from scripts.bench.streaming.follower import Followed, Load, follower
from scripts.bench.streaming.pacer import pacer

pytestmark = pytest.mark.slow

LOAD = Load(streams=3, events=8, per_second=200, spread=0.05)


@pytest.mark.parametrize("compiler", ["cc", "no-such-compiler"])
def test_every_client_follows_all_events_of_either_pacer(compiler):
    if compiler == "cc" and not shutil.which("cc"):
        pytest.skip("no C compiler here")
    with pacer(compiler) as server:
        for kind in ("ours", "requests", "httpx"):
            with follower(kind) as client:
                url = server.stream(LOAD.events, LOAD.per_second)
                rounds = [client.follow(url, LOAD) for _ in range(2)]

            assert [one.events for one in rounds] == [24, 24]
            assert all(0 <= one.first_late_ms(50) < 5_000 for one in rounds)


def test_our_client_tells_the_error_of_every_text_and_the_lag_of_every_read():
    with pacer() as server, follower("ours") as client:
        followed = client.follow(server.stream(LOAD.events, LOAD.per_second), LOAD)

    assert 0 <= followed.late_ms(50) < 5_000
    assert 0 <= followed.lag_ms(50) < 5_000
    assert 0 <= followed.coalesced_share <= 1
    assert followed.per_second(LOAD) > 0


@pytest.mark.parametrize(("events", "failure", "said"), [(7, "", "23 of 24 events"), (8, "cut off", "cut off")])
def test_half_a_stream_is_not_measured(events, failure, said):
    stream = {"events": 8, "failure": ""}
    told = {"cpu": 0.1, "wall": 1.0, "streams": [stream, stream, {"events": events, "failure": failure}]}

    with pytest.raises(NotMeasured, match=said):
        Followed(told).check(LOAD)


def test_a_client_that_does_not_start_is_said():
    with pacer() as server, follower("nobody") as client, pytest.raises(NotMeasured, match="ended too early"):
        client.follow(server.stream(2, 10), LOAD)
