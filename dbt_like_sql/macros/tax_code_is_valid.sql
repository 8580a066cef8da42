{% macro tax_code_is_valid(code) %}
coalesce(
    -- The tenth digit of a tax code checks the nine before it: it is 10 less their weighted sum's remainder by 11.
    10 - (
        31 * try_cast(substr({{ code }}, 1, 1) as integer) + 29 * try_cast(substr({{ code }}, 2, 1) as integer)
        + 23 * try_cast(substr({{ code }}, 3, 1) as integer) + 19 * try_cast(substr({{ code }}, 4, 1) as integer)
        + 17 * try_cast(substr({{ code }}, 5, 1) as integer) + 13 * try_cast(substr({{ code }}, 6, 1) as integer)
        + 7 * try_cast(substr({{ code }}, 7, 1) as integer) + 5 * try_cast(substr({{ code }}, 8, 1) as integer)
        + 3 * try_cast(substr({{ code }}, 9, 1) as integer)
    ) % 11 = try_cast(substr({{ code }}, 10, 1) as integer),
    false
)
{%- endmacro %}
