"""`python -m pipeline …`: the command line, whose commands live in `pipeline.cli`."""

from pipeline.cli.commands import cli

if __name__ == "__main__":
    cli(prog_name="python -m pipeline")
