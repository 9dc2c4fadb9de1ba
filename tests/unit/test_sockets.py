"""Who listens on a port, asked of the real kernel about sockets on loopback."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from nrguard.host import sockets
from nrguard.model import Blind, Listener

pytestmark = pytest.mark.real


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as one:
        yield one


def port_of(one: socket.socket) -> int:
    return int(one.getsockname()[1])


def found(port: int) -> tuple[Listener, ...]:
    seen = sockets.listeners(port)
    assert not isinstance(seen, Blind)
    return seen


def test_a_listener_comes_with_address_port_user_and_inode(listener: socket.socket) -> None:
    (one,) = found(port_of(listener))
    assert (one.address, one.port, one.uid) == ("127.0.0.1", port_of(listener), os.geteuid())
    assert one.inode == os.fstat(listener.fileno()).st_ino


def test_both_families_on_one_port_are_two_listeners(listener: socket.socket) -> None:
    with socket.create_server(("::1", port_of(listener)), family=socket.AF_INET6):
        assert [one.address for one in found(port_of(listener))] == ["127.0.0.1", "::1"]


def test_a_dual_stack_listener_is_on_all_of_ipv6() -> None:
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as dual:
        assert [one.address for one in found(port_of(dual))] == ["::"]


def test_a_port_that_is_only_bound_or_was_closed_has_no_listener(listener: socket.socket) -> None:
    port = port_of(listener)
    listener.close()
    assert found(port) == ()
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert found(port_of(bound)) == ()


def test_connections_to_the_port_are_no_listeners(listener: socket.socket) -> None:
    with ExitStack() as lines:
        for _ in range(50):
            lines.enter_context(socket.create_connection(listener.getsockname()))
            lines.enter_context(listener.accept()[0])
        assert len(found(port_of(listener))) == 1


def test_sharers_of_a_port_are_all_listeners() -> None:
    with ExitStack() as sharers:
        port = 0
        for _ in range(300):  # more than one netlink message holds
            one = sharers.enter_context(socket.socket())
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            one.bind(("127.0.0.1", port))
            one.listen()
            port = port_of(one)
        assert len({one.inode for one in found(port)}) == 300


def test_proc_says_the_same(listener: socket.socket) -> None:
    with socket.create_server(("::1", port_of(listener)), family=socket.AF_INET6):
        by_kernel = [(one.address, one.port, one.uid, one.inode) for one in found(port_of(listener))]
        by_proc = [(one.address, one.port, one.uid, one.inode) for one in sockets.by_proc(port_of(listener))]
    assert by_proc == by_kernel


def test_without_netlink_proc_is_asked(listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "_NETLINK_SOCK_DIAG", 250)  # a protocol that no kernel has
    assert [one.address for one in found(port_of(listener))] == ["127.0.0.1"]


def test_a_refusal_by_the_kernel_is_an_error(listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "_SOCK_DIAG_BY_FAMILY", 99)  # a request that sock_diag does not know
    with pytest.raises(OSError, match="sock_diag refused"):
        sockets.by_sock_diag(port_of(listener))
