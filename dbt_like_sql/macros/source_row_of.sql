{% macro source_row_of(row) %}
{{ row }}.delivery_id,
{{ row }}.source_file,
{{ row }}.source_sheet,
{{ row }}.source_row
{%- endmacro %}
