from __future__ import annotations

from threading import Barrier, Thread


def test_who_waits_for_a_message_is_woken_by_it(sandbox, pager):
    found = []
    waiter = Thread(target=lambda: found.append(sandbox.wait_for(2, timeout=30)))
    waiter.start()
    pager.send(receivers=["+33612345678", "+33698765432"])
    waiter.join(5)
    assert found == [True]
    assert not sandbox.wait_for(3, timeout=0)


def test_many_threads_at_once_lose_and_double_nothing(sandbox, pager):
    start = Barrier(8)

    def send(thread):
        start.wait()
        for number in range(25):
            pager.send(tag=f"t{thread}n{number}")

    threads = [Thread(target=send, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(message.id for message in sandbox.accepted) == list(range(100001, 100201))
    assert set(sandbox.account.tags.values()) == {1}
    assert sandbox.account.credits == 800
    assert sandbox.counts == {"jobs": {"200": 200}}
