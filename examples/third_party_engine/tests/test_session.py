from __future__ import annotations

from llmspell_core.protocol import Call, Cancel, Fail, Finish, Forget, Invoke, Release, Resolve, Return, Tell
from llmspell_core.values import Function, HandleRef


def test_options_travel_as_one_map_in_the_hosts_spelling(play) -> None:
    assert play('(probe.big-job "a" :max-tokens 5)').requests == (
        Call(1, "probe", "big_job", ["a", {"max_tokens": 5}]),
    )


def test_a_dropped_handle_is_released(play) -> None:
    played = play("(let ((h (probe.counter))) (h.incr)) (probe.echo)")
    played.feed(Resolve(1, HandleRef(5, "Counter")))
    assert played.requests == (Call(2, 5, "incr", []),)
    played.feed(Resolve(2, 1))
    assert played.requests == (Call(3, "probe", "echo", []), Release((5,)))


def test_a_handle_that_came_twice_is_one_and_is_released_once(play) -> None:
    played = play(
        "(define a (probe.counter)) (define b (probe.counter)) (probe.echo (same? a b)) (set! a 0) (probe.wait) b"
    )
    played.feed(Resolve(1, HandleRef(5, "Counter")))
    played.feed(Resolve(2, HandleRef(5, "Counter")))
    assert played.requests == (Call(3, "probe", "echo", [True]),)
    played.feed(Resolve(3, None))
    assert played.requests == (Call(4, "probe", "wait", []),)
    played.feed(Resolve(4, None))
    assert played.value == HandleRef(5, "Counter")


def test_a_cancelled_task_withdraws_its_call(play) -> None:
    played = play("(define p (spawn (probe.never))) (probe.echo) (cancel p) (try (await p) (catch e e.kind))")
    assert [request.id for request in played.requests] == [1, 2]
    answered = played.feed(Resolve(1, None))
    assert answered == (Tell("host", "cancel", [2]), Finish("cancelled"))


def test_a_task_may_cancel_itself(play) -> None:
    assert (
        play('(define p null) (set! p (spawn (cancel p) (print "on"))) (try (await p) (catch e e.kind))').value
        == "cancelled"
    )


def test_a_function_is_numbered_until_it_is_forgotten(play) -> None:
    played = play("(define (f x) (* x 2)) (probe.keep f f) (probe.echo)")
    assert played.requests == (Call(1, "probe", "keep", [Function(1), Function(1)]),)
    assert played.feed(Invoke(1, 1, [21])) == (Return(1, 42),)
    played.feed(Forget((1,)), Resolve(1, None))
    [thrown] = played.feed(Invoke(2, 1, [21]))
    assert thrown.error.kind == "conversion"


def test_what_crosses_is_a_copy_both_ways(play) -> None:
    given = {"items": [1]}
    played = play(
        "(define mine params.x) (push! mine.items 2) (probe.keep mine) (push! mine.items 3)", params={"x": given}
    )
    [call] = played.requests
    assert given == {"items": [1]}
    assert call.args == [{"items": [1, 2]}]
    played.feed(Resolve(1, None))
    assert call.args == [{"items": [1, 2]}]


def test_nothing_runs_after_a_cancel(play) -> None:
    played = play('(try (probe.never) (finally (print "cleaning up")))')
    [failed] = played.feed(Cancel("enough"))
    assert isinstance(failed, Fail)
    assert (failed.error.kind, failed.error.message) == ("cancelled", "enough")


def test_files_that_import_each_other_are_told_so(play) -> None:
    modules = {"a.lisp": '(import "b")', "lib/b.lisp": '(import "a")'}
    error = play('(import "a")', modules=modules).error
    assert "imports itself" in error.message
    assert error.file == "lib/b.lisp"


def test_two_tasks_that_import_one_file_run_it_once(play) -> None:
    modules = {"slow.lisp": "(probe.echo) [1]"}
    played = play('(define (get-it) (spawn (import "slow"))) (apply same? (all [(get-it) (get-it)]))', modules=modules)
    assert played.requests == (Call(1, "probe", "echo", []),)
    played.feed(Resolve(1, None))
    assert played.value is True
