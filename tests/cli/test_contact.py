"""`alertsms contact`: what a phone takes as a contact."""

from __future__ import annotations

from pathlib import Path

from tests.cli.house import write


def test_a_rented_number_is_a_contact(run, tmp_path):
    file = Path(write(tmp_path))
    file.write_text(file.read_text().replace("sender: ACME", 'virtual_number: "+33700000000"'))
    result = run("contact", "-c", str(file), "--name", "Pager; Acme")
    assert result.exit_code == 0
    assert result.stdout.replace("\r\n", "\n").splitlines() == [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "N:;Pager\\; Acme;;;",
        "FN:Pager\\; Acme",
        "TEL;TYPE=CELL:+33700000000",
        "END:VCARD",
    ]


def test_a_name_is_none(run, tmp_path):
    result = run("contact", "-c", write(tmp_path))
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ACME is no number, and no phone takes it as a contact: docs/phones.md")
