"""The templates of this target. What a template does not know is an error, not an empty string."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podwright.targets.docs.words import code, markdown, number

if TYPE_CHECKING:
    from jinja2 import Environment


def fill(template: str, **values: object) -> str:
    """The text of a template; in one of SVG or HTML all text is escaped, in one of Markdown by the filters `md` and `code`."""
    return _environment(escaped=template.endswith((".svg.j2", ".html.j2"))).get_template(template).render(values)


def _environment(*, escaped: bool) -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # a tenth of a second, and only rendering needs it

    environment = Environment(
        loader=PackageLoader("podwright.targets.docs", "."),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=escaped,
    )
    environment.filters.update(n=_coordinate, md=markdown, code=code, number=number)
    return environment


def _coordinate(value: float) -> str:
    """A tenth of a pixel is exact enough, and the same text on every machine."""
    return f"{value:.1f}".removesuffix(".0")
