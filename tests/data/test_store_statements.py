"""Named statements: the only way in which people's actions change something."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.errors import Conflict, QueryRejected
from data.store.database import Database
from data.store.protocol import Statement, Topic
from data.store.statements import WRITE, NamedStatements
from tests.data.facts import INGEST, rows_of

STATEMENTS = {
    "queue_add": "insert into queue (queue, title) values ($queue, $title)",
    "queue_add_returning": "insert into queue (queue, title) values ($queue, $title) returning queue, title",
    "queue_rename": "update queue set title = $title where queue = $queue and title = $former",
    "queue_remove": "delete from queue where queue = $queue",
    "queue_find": "select queue from queue where queue = $queue",
    "queue_upsert": """
        merge into queue using (select $queue as queue, $title as title) as given on queue.queue = given.queue
        when matched then update set title = given.title
        when not matched then insert (queue, title) values (given.queue, given.title)
    """,
    "audit_add": "insert into audit select now(), $actor, $action, 'queue', $subject_id, null",
}


@pytest.fixture
def queues(tmp_path: Path) -> Iterator[Database]:
    """A database that knows the statements above."""
    folder = tmp_path / "write"
    folder.mkdir()
    for name, sql in STATEMENTS.items():
        (folder / f"{name}.sql").write_text(f"-- A comment; with a semicolon.\n{sql};\n")
    with Database(tmp_path / "var", readers=1, statements=NamedStatements(folder)) as database:
        yield database


def run(database: Database, name: str, expect_rows: int | None = None, **params: object) -> list[dict[str, object]]:
    step = Statement(name=name, params=params, expect_rows=expect_rows)
    return database.transact([step], actor=INGEST, touches={})[0].to_pylist()


def test_what_a_statement_returns_comes_back(queues: Database) -> None:
    found = run(queues, "queue_add_returning", 1, queue="sales", title="Продажи")

    assert found == [{"queue": "sales", "title": "Продажи"}]


@pytest.mark.parametrize("name", ["queue_add", "queue_add_returning", "queue_upsert"])
def test_the_rows_that_a_statement_changes_are_counted(queues: Database, name: str) -> None:
    run(queues, name, 1, queue="sales", title="Продажи")

    assert rows_of(queues, "select title from queue") == [{"title": "Продажи"}]


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("queue_rename", {"queue": "sales", "title": "Новое", "former": "not this"}),
        ("queue_remove", {"queue": "support"}),
        ("queue_find", {"queue": "support"}),
    ],
)
def test_a_row_that_somebody_else_changed_takes_everything_back(
    queues: Database, name: str, params: dict[str, object]
) -> None:
    run(queues, "queue_add", queue="sales", title="Продажи")
    steps = [
        Statement(name="audit_add", params={"actor": "anna", "action": "rename", "subject_id": "sales"}),
        Statement(name=name, params=params, expect_rows=1),
    ]

    with pytest.raises(Conflict, match=f"{name} met 0 rows instead of 1"):
        queues.transact(steps, actor=INGEST, touches={Topic.DIRECTORY: ["sales"]})

    assert rows_of(queues, "select title from queue") == [{"title": "Продажи"}]
    assert rows_of(queues, "select * from audit") == []


def test_a_change_and_its_audit_row_are_one(queues: Database) -> None:
    steps = [
        Statement(name="queue_add", params={"queue": "sales", "title": "Продажи"}, expect_rows=1),
        Statement(name="audit_add", params={"actor": "anna", "action": "add", "subject_id": "sales"}),
    ]

    queues.transact(steps, actor=INGEST, touches={})

    assert rows_of(queues, "select actor, action, subject_id from audit") == [
        {"actor": "anna", "action": "add", "subject_id": "sales"}
    ]


def test_of_two_who_change_the_same_version_one_gets_a_conflict(queues: Database) -> None:
    run(queues, "queue_add", queue="sales", title="Продажи")
    outcomes: list[str] = []

    def rename(title: str) -> None:
        try:
            run(queues, "queue_rename", 1, queue="sales", title=title, former="Продажи")
            outcomes.append("saved")
        except Conflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=rename, args=(title,)) for title in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert sorted(outcomes) == ["conflict", "conflict", "saved"]


@pytest.mark.parametrize("name", ["nothing", "../write/queue_add", "queue_add.sql", "delete from queue", ""])
def test_a_name_without_a_file_is_refused_and_named(queues: Database, name: str) -> None:
    with pytest.raises(QueryRejected, match=f"no write statement {name!r}.*queue_add"):
        run(queues, name)


def test_a_missing_parameter_is_named(queues: Database) -> None:
    with pytest.raises(QueryRejected, match=r"'queue_add' needs \$title"):
        run(queues, "queue_add", queue="sales")


def test_text_stays_text(queues: Database) -> None:
    title = "'); drop table queue; --"

    run(queues, "queue_add", queue="sales", title=title)

    assert rows_of(queues, "select title from queue") == [{"title": title}]


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """An empty database, for statements that are only prepared."""
    with Database(tmp_path_factory.mktemp("schema"), readers=1) as database:
        yield database


@pytest.mark.parametrize("path", sorted(WRITE.glob("*.sql")), ids=lambda path: path.stem)
def test_every_statement_of_ours_is_one_that_the_schema_understands(schema: Database, path: Path) -> None:
    sql = path.read_text("utf-8")

    with schema._write({}) as cursor:
        (parsed,) = cursor.extract_statements(sql)
        cursor.execute(f"prepare checked as {sql}")
        cursor.execute("deallocate checked")

    assert parsed.type.name in {"INSERT", "UPDATE", "DELETE", "MERGE_INTO", "SELECT"}
