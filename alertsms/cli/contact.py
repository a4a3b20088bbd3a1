"""`alertsms contact`: the number that pages come from, as a contact for phones, which lets it ring at night."""

from __future__ import annotations

import click

from alertsms.cli.options import configured, loaded
from alertsms.core.schedules.rota import escaped

NO_NUMBER = (
    "{} is no number, and no phone takes it as a contact: docs/phones.md says how to let it ring all the same, and"
    " virtual_number rents a number."
)


@click.command()
@click.option("--name", default="alertsms", show_default=True, help="What phones show it as.")
@configured
def contact(*, name: str, config: str) -> None:
    """Print a contact (vCard 3.0) of the number that pages come from: let phones ring for it at night.

    \b
    Example:  alertsms contact > alertsms.vcf
    """  # noqa: D301
    ovh = loaded(config).ovh
    accounts = [ovh, *([ovh.standby] if ovh.standby else [])]
    numbers = list(dict.fromkeys(account.virtual_number for account in accounts if account.virtual_number))
    if not numbers:
        raise click.ClickException(NO_NUMBER.format(ovh.shows))
    shown = escaped(name)
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"N:;{shown};;;", f"FN:{shown}"]
    lines += [f"TEL;TYPE=CELL:{number}" for number in numbers]
    click.echo("".join(f"{line}\r\n" for line in (*lines, "END:VCARD")), nl=False)
