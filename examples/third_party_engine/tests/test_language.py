from __future__ import annotations

import pytest

from llmspell_core.errors import SpellSyntaxError
from llmspell_core.limits import Limits


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("(+ 1 2 3)", 6),
        ("(if null 1 2)", 2),
        ("(if 0 1 2)", 1),
        ('(cond (false 1) ((= 1 1.0) "one") (else 3))', "one"),
        ("(let ((a 1) (b 2)) (let* ((a b) (c a)) [a b c]))", [2, 2, 2]),
        (
            "(letrec ((even (lambda (n) (or (= n 0) (odd (- n 1))))) (odd (lambda (n) (not (even n))))) (even 3))",
            False,
        ),
        ("(define (f a & rest) [a rest]) (f 1 2 3)", [1, [2, 3]]),
        ("(define n 0) (while true (set! n (+ n 1)) (when (= n 3) (break))) n", 3),
        ("(and 1 null 2)", None),
        ("(or false 5)", 5),
        ("'(a (1 :b) {c 2})", ["a", [1, "b"], {"c": 2}]),
        (
            '(try (throw {:kind "odd" :message "m" :data 1}) (catch e [e.kind e.message e.data e.line]))',
            ["odd", "m", 1, 1],
        ),
        ("(try (for x [1 2] (try (break) (catch e (throw e)))) 7 (catch e 8))", 7),
        ("(sort [3 1 2] (lambda (n) (- 0 n)))", [3, 2, 1]),
        ("(reduce + 0 (filter (lambda (n) (> n 1)) (map (lambda (n) (* n n)) [1 2 3])))", 13),
        ('(get (json.decode "[1,{\\"a\\":null}]") 1)', {"a": None}),
        ("(= [1 {:a true}] [1 {:a 1}])", False),
        ('(text 1 " " [null "a" 0.5] {:k nan})', '1 [null "a" 0.5]{"k" nan}'),
        ("(define m {:a {:b 1}}) (set! m.a.b 2) m.a", {"b": 2}),
    ],
)
def test_an_expression_has_its_value(play, source: str, value: object) -> None:
    assert play(source).value == value


def test_a_literal_is_made_anew_each_time(play) -> None:
    assert play("(define (f) '(1)) (push! (f) 2) (f)").value == [1]


def test_a_loop_by_tail_calls_needs_no_depth(play) -> None:
    assert play("(define (count n) (if (= n 0) 0 (count (- n 1)))) (count 50000)").value == 0


def test_a_function_of_python_calls_functions_that_wait(play) -> None:
    played = play("(map (lambda (x) (probe.echo x)) [1])")
    assert played.requests[-1].method == "echo"


@pytest.mark.parametrize(
    "source", ["(if)", "(let (x 1) x)", "()", "{:a}", "(f :a)", "(f :a 1 2)", "(lambda (& a b) 1)", "(if.x 1)"]
)
def test_a_wrong_form_is_refused_before_anything_runs(play, source: str) -> None:
    with pytest.raises(SpellSyntaxError):
        play(f'(print "ran") {source}')


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("(1 2)", "an int cannot be called"),
        ("((lambda (a) a))", "lambda takes 1 argument, not 0"),
        ('(+ 1 "a")', "a number is expected, not a text"),
        ("(set! print 1)", "print is built in"),
        ("(upper)", "upper does not take 0 arguments"),
        ("(break)", "break is outside of a loop"),
        ("(range 100000000)", "longer than"),
    ],
)
def test_a_mistake_is_told_in_words_of_the_language(play, source: str, message: str) -> None:
    error = play(source).error
    assert error.kind == "runtime"
    assert message in error.message


def test_a_traceback_names_every_function_on_the_way(play) -> None:
    error = play("(define (inner x)\n  (throw x))\n(define (outer)\n  (map inner [1])\n  2)\n(outer)\n3").error
    assert error.traceback.splitlines() == ["spell.lisp:2: in inner", "spell.lisp:4: in outer", "spell.lisp:6: in main"]


def test_parts_that_are_shared_many_times_are_no_way_around_the_limits(play) -> None:
    bomb = "(define x [1]) (for _ (range 60) (set! x [x x]))"
    assert play(f"{bomb} x", limits=Limits(message=100_000)).error.data["limit"] == "message"
    assert "too large" in play(f"{bomb} (text x)").error.message
    assert play('(define s "x") (while true (set! s (text s s)))', limits=Limits(memory=2**20)).error.data == {
        "limit": "memory",
        "allowed": 2**20,
    }


@pytest.mark.parametrize("body", ["(while true)", "(try (while true) (catch e 1) (finally (print 1)))"])
def test_no_code_of_the_spell_runs_after_a_limit(play, body: str) -> None:
    [failed] = play(f"(define (f) {body}) (while true (f))", limits=Limits(instructions=5000)).requests
    assert failed.error.data == {"limit": "instructions", "allowed": 5000}
