"""The rules about the form of a file: reported by ``daemon.definition`` while it reads, described here."""

from typing import Final

from chainwright.daemon.lint.rule import Entry

_DEEP: Final = "".join(
    (
        "agents: {part: {uses: chains/c1}}\n",
        *(
            f"# file: workflows/c{at}.yaml\non: call\nagents: {{part: {{uses: chains/c{at + 1}}}}}\n"
            for at in range(1, 21)
        ),
        "# file: workflows/c21.yaml\non: call\nagents: {a: {run: ./a.sh}}\n",
    )
)

FORM_RULES: Final[tuple[Entry, ...]] = (
    Entry(
        name="not-supported",
        doc="A feature of the language that this version does not have.",
        why=(
            "The language document describes it, and a later version will have it. It is refused rather than accepted and "
            "ignored."
        ),
        bad="""
            limits: {tokens: 100000}
            agents:
              a: {run: ./a.sh}
        """,
        good="""
            limits: {turns: 100}
            agents:
              a: {run: ./a.sh}
        """,
    ),
    Entry(
        name="yaml-syntax",
        doc="The file is not YAML as it is used here.",
        why=(
            "YAML 1.2 is read: one document, indented with spaces, without tags of programming languages. "
            "Only `true` and `false` are booleans."
        ),
        bad="""
            agents:
              a: {run: ./a.sh
        """,
        good="""
            agents:
              a: {run: ./a.sh}
        """,
    ),
    Entry(
        name="json-syntax",
        doc="The file is not JSON.",
        why="A file that ends in `.json` is read as JSON: no comments, no comma after the last item, texts in double quotes.",
        bad="""
            {"agents": {"a": {"run": "./a.sh",}}}
        """,
        good="""
            {"agents": {"a": {"run": "./a.sh"}}}
        """,
    ),
    Entry(
        name="yaml-dup-key",
        doc="A key is given twice.",
        why="Most readers keep the last one in silence, and the first, often the one that was meant, is lost.",
        bad="""
            agents:
              a: {run: ./a.sh}
              a: {run: ./b.sh}
        """,
        good="""
            agents:
              a: {run: ./a.sh}
              b: {run: ./b.sh}
        """,
    ),
    Entry(
        name="yaml-limits",
        doc="The file is larger, deeper or more entangled than a definition may be.",
        why=(
            "A definition has at most 256 KiB, 50 levels, 50,000 values and 100 aliases, and no number of more than 100 digits: "
            "anybody who may push could otherwise keep the daemon busy with one file."
        ),
        bad="""
            vars: {a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}
            agents: {a: {run: ./a.sh}}
        """,
        good="""
            vars: {a: [[1]]}
            agents: {a: {run: ./a.sh}}
        """,
    ),
    Entry(
        name="unknown-key",
        doc="A key does not exist there.",
        why="A misspelt key would be ignored, and the chain would do something else than it says. Keys that begin with `x-` are free.",
        bad="""
            agents:
              a: {run: ./a.sh, time-out: 20m}
        """,
        good="""
            agents:
              a: {run: ./a.sh, timeout: 20m, x-owner: editors}
        """,
    ),
    Entry(
        name="missing-key",
        doc="Something that has to be there is missing.",
        why="A chain has agents, and each agent says what it is: a script, a reusable agent or a prompt.",
        bad="""
            agents:
              a: {timeout: 20m}
        """,
        good="""
            agents:
              a: {timeout: 20m, run: ./a.sh}
        """,
    ),
    Entry(
        name="wrong-type",
        doc="A value is of another kind than it must be.",
        why="Nothing is guessed: a duration has a unit, and a text that looks like a number or a boolean stands in quotes.",
        bad="""
            agents:
              a: {run: ./a.sh, timeout: 20}
        """,
        good="""
            agents:
              a: {run: ./a.sh, timeout: 20m}
        """,
    ),
    Entry(
        name="gha-key",
        doc="A word of GitHub Actions is called otherwise here.",
        why="Chains read like workflows, but are not the same. What a word becomes is said with it; most can be mended by `--fix`.",
        bad="""
            on: workflow_dispatch
            jobs:
              build: {timeout-minutes: 10, run: make}
        """,
        good="""
            on: manual
            agents:
              build: {timeout: 10m, run: make}
        """,
    ),
    Entry(
        name="uses-unknown",
        doc="A reusable agent does not exist.",
        why="`uses: agents/<name>` means the file `workflows/agents/<name>.yaml` of the same commit.",
        bad="""
            agents:
              write: {uses: agents/writre}
            # file: workflows/agents/writer.yaml
            run: ./write.sh
        """,
        good="""
            agents:
              write: {uses: agents/writer}
            # file: workflows/agents/writer.yaml
            run: ./write.sh
        """,
    ),
    Entry(
        name="unpinned-remote",
        doc="An agent of another repository is used without saying at which commit.",
        why=(
            "A branch, a tag and a short id can come to mean something else, and what runs would change without a commit here. Only the 40 "
            "digits of a commit pin it: `git+<url>//<path>@<commit>`, with `https://`, `ssh://`, `file:///` or an absolute path. The path "
            "begins at the top of that repository; its ending, and `workflows/` in front of it, may be left out. A script that such an "
            "agent runs, `./x.sh`, is looked for in the workspace of the run, which is a checkout of this repository, not of that one."
        ),
        bad="""
            agents:
              review: {uses: git+https://git.example.org/agents//review@main}
        """,
        good="""
            agents:
              review: {uses: agents/review}
            # file: workflows/agents/review.yaml
            run: ./review.sh
        """,
    ),
    Entry(
        name="remote-unusable",
        doc="An agent of another repository cannot be fetched or read.",
        why=(
            "A daemon fetches what a new commit uses while it deploys it, once for each address and commit, within 30 s each and 60 s "
            "in all; from then on it needs no network for it. When that fails, the commit is refused and the deployment before it "
            "stays in force; `chainwright deployments --reconcile` tries again."
        ),
        bad="""
            agents:
              review: {uses: 'git+http://git.example.org/agents//review@0123456789012345678901234567890123456789'}
        """,
        good="""
            agents:
              review: {uses: agents/review}
            # file: workflows/agents/review.yaml
            run: ./review.sh
        """,
    ),
    Entry(
        name="schema-unusable",
        doc="A JSON Schema that a chain names is not there, or cannot be used.",
        why=(
            "`events: {name: schemas/x.json}` reads the file from the top of the repository, at the same commit: at most 256 KiB, no link. "
            "It has to be a JSON Schema (2020-12, or the draft that its `$schema` names) that refers only within itself, and whose "
            "patterns RE2 can read. Before anything runs, what agents declare of the event is held against its `type`, `properties`, "
            "`required` and `additionalProperties`; when an event is emitted, all of the schema has to hold, or the attempt fails with "
            "reason `payload`. `format` is for people."
        ),
        bad="""
            events: {draft: schemas/daft.json}
            agents:
              write: {run: ./write.sh, emits: draft}
            # file: schemas/draft.json
            {"type": "object"}
        """,
        good="""
            events: {draft: schemas/draft.json}
            agents:
              write: {run: ./write.sh, emits: {draft: {words: integer}}}
            # file: schemas/draft.json
            {"type": "object", "required": ["words"], "properties": {"words": {"type": "integer", "minimum": 1}}}
        """,
    ),
    Entry(
        name="call-refused",
        doc="A chain is called that does not list the trigger `call`.",
        why="Whoever wrote the called chain says what it is for: its inputs are then a promise to others.",
        bad="""
            agents:
              part: {uses: chains/part}
            # file: workflows/part.yaml
            agents: {a: {run: ./a.sh}}
        """,
        good="""
            agents:
              part: {uses: chains/part}
            # file: workflows/part.yaml
            on: [manual, call]
            agents: {a: {run: ./a.sh}}
        """,
    ),
    Entry(
        name="call-field",
        doc="An agent that is a chain has a field that is about a process.",
        why="The agents of the called chain have environments, shells and terminals of their own; nothing is accepted and ignored.",
        bad="""
            agents:
              part: {uses: chains/part, env: {TOPIC: bees}}
            # file: workflows/part.yaml
            on: call
            inputs: {topic: {type: string}}
            agents: {a: {run: ./a.sh, env: {TOPIC: '${{ inputs.topic }}'}}}
        """,
        good="""
            agents:
              part: {uses: chains/part, with: {topic: bees}}
            # file: workflows/part.yaml
            on: call
            inputs: {topic: {type: string}}
            agents: {a: {run: ./a.sh, env: {TOPIC: '${{ inputs.topic }}'}}}
        """,
    ),
    Entry(
        name="call-cycle",
        doc="A chain comes to call itself.",
        why="Each of its runs would begin another, without an end. A loop belongs into one chain, where `max-turns` bounds it.",
        bad="""
            on: [manual, call]
            agents: {again: {uses: chains/example}}
        """,
        good="""
            agents:
              ask: {on: [wrong], run: ./ask.sh, max-turns: 3, emits: [asked]}
              begin: {run: ./begin.sh, emits: [asked]}
              check: {on: [asked], run: ./check.sh, emits: [wrong]}
        """,
    ),
    Entry(
        name="call-depth",
        doc="Chains call each other more than twenty deep.",
        why="Runs that call each other are bounded, so that no mistake fills a machine with runs that wait for runs.",
        bad=_DEEP,
        good="""
            agents: {part: {uses: chains/c1}}
            # file: workflows/c1.yaml
            on: call
            agents: {a: {run: ./a.sh}}
        """,
    ),
    Entry(
        name="uses-clash",
        doc="An agent contradicts the reusable agent that it is.",
        why="Both may declare outputs and events, and what both declare has to be of the same type.",
        bad="""
            agents:
              write: {uses: agents/writer, outputs: {draft: json}}
            # file: workflows/agents/writer.yaml
            run: ./write.sh
            outputs: {draft: string}
        """,
        good="""
            agents:
              write: {uses: agents/writer, outputs: {words: integer}}
            # file: workflows/agents/writer.yaml
            run: ./write.sh
            outputs: {draft: string}
        """,
    ),
    Entry(
        name="input-missing",
        doc="A required input of a reusable agent is not given.",
        why="The agent could not do its work. Whoever wrote it said so by `required: true`.",
        bad="""
            agents:
              write: {uses: agents/writer}
            # file: workflows/agents/writer.yaml
            inputs: {topic: {required: true}}
            run: ./write.sh "$INPUT_TOPIC"
        """,
        good="""
            agents:
              write: {uses: agents/writer, with: {topic: trees}}
            # file: workflows/agents/writer.yaml
            inputs: {topic: {required: true}}
            run: ./write.sh "$INPUT_TOPIC"
        """,
    ),
    Entry(
        name="webhook-duplicate",
        doc="Two webhooks have the same address.",
        why="The address of a webhook ends in its `id`, and what is sent there starts one chain.",
        bad="""
            on:
              webhook:
                - {id: builds, verify: {scheme: token, secret: OLD_TOKEN}}
                - {id: builds, verify: {scheme: token, secret: NEW_TOKEN}}
            concurrency: builds
            agents: {a: {run: ./a.sh}}
        """,
        good="""
            on: {webhook: {id: builds, verify: {scheme: token, secret: [NEW_TOKEN, OLD_TOKEN]}}}
            concurrency: builds
            agents: {a: {run: ./a.sh}}
        """,
    ),
    Entry(
        name="check-schema",
        doc="A check by schema does not say what it is for.",
        why="Without `output` it is for the only output of type `json`. A file is looked into by a check that runs a script.",
        bad="""
            agents:
              review:
                run: ./review.sh
                outputs: {findings: json, scores: json}
                checks: [{schema: schemas/findings.json}]
            # file: schemas/findings.json
            {"type": "array", "items": {"type": "string"}}
        """,
        good="""
            agents:
              review:
                run: ./review.sh
                outputs: {findings: json}
                checks: [{schema: schemas/findings.json}]
            # file: schemas/findings.json
            {"type": "array", "items": {"type": "string"}}
        """,
    ),
    Entry(
        name="chain-duplicate",
        doc="Two files define the same chain.",
        why="A chain is called by its path below `workflows/` without ending, or by its `id`; each name stands for one chain.",
        bad="""
            id: nightly
            agents: {a: {run: ./a.sh}}
            # file: workflows/nightly.yaml
            agents: {b: {run: ./b.sh}}
        """,
        good="""
            id: nightly-build
            agents: {a: {run: ./a.sh}}
            # file: workflows/nightly.yaml
            agents: {b: {run: ./b.sh}}
        """,
    ),
)
