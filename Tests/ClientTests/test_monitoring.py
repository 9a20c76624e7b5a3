"""The files of Examples/monitoring: each alert fires when it should, and no expression names a metric or a label that
docs/operations/watch.md does not have.

promtool comes from PATH, or from where scripts/promtool.sh puts it.
"""

import json
import re
import shutil
import subprocess
import unittest

from metrics_table import documented, series
from running_site import REPOSITORY, told

FOLDER = REPOSITORY / "Examples/monitoring"
RULES, RULE_TESTS, DASHBOARD = (FOLDER / f"roster.{name}" for name in ("rules.yml", "rules.test.yml", "dashboard.json"))
PROMTOOL = shutil.which("promtool", path=f"{REPOSITORY / '.build/promtool'}") or shutil.which("promtool")
# What Prometheus itself adds to each series, and the rest of what an expression may compare.
OF_PROMETHEUS = {"job", "instance"}
OWN_SERIES = {"up"}
SELECTED = re.compile(r"\b((?:roster|process)_\w+|up)(?:\{([^}]*)\})?")
ALERT = re.compile(r"^      - alert: (\w+)$", re.MULTILINE)


def expressions_of_the_rules() -> list[str]:
    """The text below each `expr:`, up to the next member of the rule."""
    return re.findall(r"^        expr: (.*?)(?=^        \w+:)", RULES.read_text(), re.MULTILINE | re.DOTALL)


def expressions_of_the_dashboard() -> list[str]:
    return [target["expr"] for panel in json.loads(DASHBOARD.read_text())["panels"] for target in panel["targets"]]


class Expressions(unittest.TestCase):
    def selections(self, expression: str):
        """Each metric of an expression, with its matchers of labels."""
        for name, matchers in SELECTED.findall(expression):
            yield name, dict(re.findall(r'(\w+)(?:=~?|!=|!~)"([^"]*)"', matchers))

    def test_every_metric_and_label_is_one_of_the_manual(self):
        promised, rules, panels = series(), expressions_of_the_rules(), expressions_of_the_dashboard()
        self.assertEqual(len(rules), len(ALERT.findall(RULES.read_text())))
        self.assertGreater(len(panels), 10)
        for expression in rules + panels:
            with self.subTest(expression=expression):
                found = list(self.selections(expression))
                self.assertTrue(found, "it reads no metric")
                labels = set(OF_PROMETHEUS)
                for name, matchers in found:
                    self.assertIn(name, set(promised) | OWN_SERIES)
                    labels |= promised.get(name, set())
                    self.assertLessEqual(set(matchers), promised.get(name, set()) | OF_PROMETHEUS, name)
                    self.assertEqual(matchers.get("job"), "roster", f"{name} may be that of another program")
                for grouped in re.findall(r"\bby \(([^)]*)\)", expression):
                    self.assertLessEqual({label.strip() for label in grouped.split(",")}, labels)

    def test_rates_are_of_counters_and_quantiles_of_histograms(self):
        kinds = {name: kind for name, (kind, _) in documented().items()}
        for expression in expressions_of_the_rules() + expressions_of_the_dashboard():
            with self.subTest(expression=expression):
                for name in re.findall(r"\b(?:rate|increase)\((\w+)", expression):
                    self.assertTrue(kinds.get(name) == "counter" or kinds.get(name.removesuffix("_bucket")) == "histogram", name)
                for name, _ in self.selections(expression):
                    if kinds.get(name) == "counter" or kinds.get(name.removesuffix("_bucket")) == "histogram":
                        self.assertRegex(expression, rf"\b(rate|increase)\({name}\b", "it is read as it is")
                if "histogram_quantile" in expression:
                    self.assertRegex(expression, r"histogram_quantile\(0\.\d+, sum by \([^)]*\ble\) \(rate\(\w+_bucket\{")

    def test_the_dashboard_is_whole(self):
        board = json.loads(DASHBOARD.read_text())
        numbers = [panel["id"] for panel in board["panels"]]
        self.assertEqual(len(numbers), len(set(numbers)))
        variables = {variable["name"] for variable in board["templating"]["list"]} | {"__rate_interval", "__all"}
        self.assertLessEqual(set(re.findall(r"\$\{?(\w+)", DASHBOARD.read_text())), variables)
        places = set()
        for panel in board["panels"]:
            place = panel["gridPos"]
            self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
            self.assertFalse(cells & places, f"{panel['title']} covers another panel")
            places |= cells

    def test_every_alert_says_what_is_wrong_and_what_to_do_and_has_a_test(self):
        rules = re.split(r"^      - alert: ", RULES.read_text(), flags=re.MULTILINE)[1:]
        tests = RULE_TESTS.read_text()
        for rule in rules:
            with self.subTest(alert=rule.split("\n")[0]):
                self.assertRegex(rule, r"\n          severity: (critical|warning)\n")
                self.assertRegex(rule, r"\n          summary: \"[^\n]*\$labels\.instance")
                self.assertRegex(rule, r"\n          description: >-\n +\w")
                self.assertIn(rule.split("\n")[0], tests)


@unittest.skipUnless(PROMTOOL, "there is no promtool (scripts/promtool.sh .build/promtool)")
class Promtool(unittest.TestCase):
    def promtool(self, *arguments) -> subprocess.CompletedProcess:
        done = subprocess.run([PROMTOOL, *arguments], cwd=FOLDER, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, told(done))
        return done

    def test_the_alerts_fire_when_they_should(self):
        self.assertIn("SUCCESS", self.promtool("test", "rules", RULE_TESTS.name).stdout)

    def test_the_configuration_and_its_rules_are_valid(self):
        count = len(ALERT.findall(RULES.read_text()))
        self.assertIn(f"SUCCESS: {count} rules found", self.promtool("check", "config", "prometheus.yml").stdout)

    def test_the_expressions_of_the_dashboard_are_valid(self):
        rules = "".join(
            f"      - record: dashboard:expression{number}\n        expr: {json.dumps(filled_in(expression))}\n"
            for number, expression in enumerate(expressions_of_the_dashboard()))
        done = subprocess.run([PROMTOOL, "check", "rules", "/dev/stdin"], input=f"groups:\n  - name: dashboard\n    rules:\n{rules}",
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, told(done))


def filled_in(expression: str) -> str:
    """An expression with what Grafana puts into it."""
    return expression.replace("$instance", ".*").replace("$__rate_interval", "1m")


if __name__ == "__main__":
    unittest.main()
