"""Every command of the manual (`pages.manual`) is run as it is printed, and must do what the page shows."""

import re
import unittest

import machine
import pages

WHY_NOT = machine.why_not()


class Blocks(unittest.TestCase):
    """No block escapes: each has a fence and a language, and one that is not run says why."""

    def test_every_block_of_the_manual_is_run_or_says_why_not(self):
        faults, run, not_run = [], 0, []
        for page in pages.manual():
            try:
                for block in pages.blocks(page, (pages.ROOT / page).read_text()):
                    if block.language in pages.COMMANDS:
                        run += block.not_run is None
                        not_run += [f"  {block.where}: {block.not_run}"] if block.not_run else []
                        pages.commands(block)
            except pages.Fault as fault:
                faults.append(str(fault))
        print(f"\n{run} blocks of commands are run, {len(not_run)} are not:", *not_run, sep="\n")
        self.assertEqual(faults, [], "\n" + "\n".join(faults))


class Links(unittest.TestCase):
    def test_every_link_leads_to_a_file_and_a_heading(self):
        found = 0
        for page in pages.manual():
            for target in re.findall(r"\]\(([^)\s]+)\)", (pages.ROOT / page).read_text()):
                if re.match(r"https?:", target):
                    continue
                found += 1
                name, _, anchor = target.partition("#")
                file = (pages.ROOT / page).parent / name if name else pages.ROOT / page
                with self.subTest(page=page, target=target):
                    self.assertTrue(file.exists(), "no such file")
                    if anchor:
                        self.assertIn(anchor, self.anchors(file.read_text()))
        self.assertGreater(found, 20)

    def anchors(self, text: str) -> set[str]:
        headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

    def test_every_file_named_in_a_page_exists(self):
        for page in pages.manual():
            for name in re.findall(r"`(docs/[\w/.-]+\.(?:md|json))`", (pages.ROOT / page).read_text()):
                self.assertTrue((pages.ROOT / name).exists(), f"{page}: {name}")

    def test_pages_about_operations_are_short_and_all_in_the_list(self):
        listed = pages.parts("docs/operations.md")
        self.assertEqual(sorted(listed[1:]), sorted(page for page in pages.manual() if page.startswith("docs/operations/")))
        for page in listed:
            self.assertLessEqual(len((pages.ROOT / page).read_text().splitlines()), 200, page)


class Reader(unittest.TestCase):
    """What the reader of pages refuses, so that the test above means something."""

    def refused(self, text: str, *told: str):
        with self.assertRaises(pages.Fault) as raised:
            for block in pages.blocks("page.md", text):
                pages.commands(block)
        for piece in told:
            self.assertIn(piece, str(raised.exception))

    def test_refuses_blocks_that_would_escape(self):
        self.refused("Text:\n\n    roster serve\n", "page.md:3", "indented")
        self.refused("- item\n\n  more of it\n\n      roster serve\n", "page.md:5", "indented")
        self.refused("Text:\n```\nroster serve\n```\n", "page.md:2", "no language")
        self.refused("```bash\nroster serve\n```\n", "page.md:1", "'bash'")
        self.refused("~~~sh\nroster serve\n~~~\n", "page.md:1", "backquotes")
        self.refused("<pre>roster serve</pre>\n", "page.md:1", "backquotes")
        self.refused("```sh\nroster serve\n", "page.md:1", "not closed")
        self.refused("```text\n$ roster serve\n```\n", "page.md:1", "console")
        self.refused("```text\nroster serve --data DIR\n```\n", "page.md:2", "is a command")
        self.refused("```console\nroster serve\n```\n", "page.md:1", "begins with")

    def test_refuses_remarks_that_say_nothing(self):
        self.refused("<!-- not run: -->\n```sh\nroster serve\n```\n", "page.md:2", "'not run:' says nothing")
        self.refused("<!-- not run -->\n```sh\nroster serve\n```\n", "page.md:2", "says nothing to the test")
        self.refused("<!-- skip: slow -->\n```sh\nroster serve\n```\n", "page.md:2", "says nothing to the test")
        self.refused("<!-- not run: slow -->\n```text\nwords\n```\n", "page.md:2", "only blocks of commands")

    def test_refuses_a_command_without_an_end(self):
        self.refused("```sh\nroster serve \\\n```\n", "page.md:2", "still waits")
        self.refused("```sh\necho 'a\n```\n", "page.md:2", "still waits")

    def test_takes_continued_lines_of_text_for_text(self):
        text = "- item\n    goes on\n\n    - below\n\n      more of it\n\nText\n    that goes on\n"
        self.assertEqual(pages.blocks("page.md", text), [])

    def test_finds_commands_as_bash_does(self):
        text = "$ one \\\n    two\nout\n\nmore\n$ three <<END\nfour\nEND\n$ # five\n"
        block = pages.blocks("page.md", f"```console\n{text}```\n")[0]
        found = [(command.where, command.text, command.expected) for command in pages.commands(block)]
        self.assertEqual(found, [
            ("page.md:2", "one \\\n    two", ["out", "", "more"]), ("page.md:7", "three <<END\nfour\nEND", [])])


class Pages(unittest.TestCase):
    """One test a page that has commands, each on a machine of its own."""


def run_page(page: str):
    def test(self):
        if WHY_NOT:
            self.skipTest(WHY_NOT)
        done = machine.run(page)
        print(f"\n{done.stdout}", end="")
        self.assertEqual(done.returncode, 0, f"{page} does not run as it is printed; what differs is told above")
    return test


for name in sorted({pages.part_of(page) for page in pages.manual()}):
    text = "".join((pages.ROOT / part).read_text() for part in pages.parts(name))
    if any(f"```{language}\n" in text for language in pages.COMMANDS):
        setattr(Pages, "test_" + "".join(sign if sign.isalnum() else "_" for sign in name), run_page(name))


if __name__ == "__main__":
    unittest.main()
