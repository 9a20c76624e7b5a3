"""The made users, and requests and words that are chosen from them."""

import bisect
import collections
import itertools
import json
import random
import subprocess

ZONE = "zone1"
SEED = 1


class Population:
    """Users made by `generate`, in a folder of their own; of a kind that it knows by that word."""

    def __init__(self, tools, folder, users, kind=None):
        self.folder = folder
        self.users = users
        self.tools = tools
        if not (folder / "made.json").exists():
            folder.mkdir(parents=True, exist_ok=True)
            command = [tools.path("generate"), str(users), str(SEED), folder]
            subprocess.run([*command, kind] if kind else command, check=True)
            (folder / "made.json").write_text(json.dumps({"users": users, "seed": SEED}))
        made = json.loads((folder / "made.json").read_text())
        if made != {"users": users, "seed": SEED}:
            raise SystemExit(f"{folder} holds other users ({made}): give another folder to --keep")
        # cluster, its users, and where its names are in names.txt
        self.clusters = []
        for line in (folder / "clusters.tsv").read_text().splitlines():
            cluster, size, start, length = line.split("\t")
            self.clusters.append((cluster, int(size), int(start), int(length)))
        self.ends = list(itertools.accumulate(size for _, size, _, _ in self.clusters))
        self.bytes = sum(length for _, _, _, length in self.clusters)

    @property
    def csv(self):
        return self.folder / "users.csv"

    @property
    def ldif(self):
        return self.folder / "users.ldif"

    @property
    def largest(self):
        return self.clusters[0]

    def cluster_of_a_user(self, source):
        """A cluster, each as likely as it has users."""
        return self.clusters[bisect.bisect_right(self.ends, source.randrange(self.users))]

    def names(self):
        """Pairs of cluster and folded name, for all users; of the kind full-names it is the full name."""
        with open(self.folder / "names.txt") as file:
            for cluster, size, _, _ in self.clusters:
                for name in itertools.islice(file, size):
                    yield cluster, name.rstrip("\n")

    def scan(self, words, repeats, cluster=None):
        """Counts and nanoseconds (median) of a memmem scan for each word, over all names or those of a cluster."""
        start, length = (cluster[2], cluster[3]) if cluster else (0, self.bytes)
        lines = "".join(f"{start} {length} {word}\n" for word in words)
        out = subprocess.run([self.tools.path("namescan"), self.folder / "names.txt", str(repeats)], input=lines,
                             capture_output=True, text=True, check=True).stdout
        found = {}
        for line in out.splitlines():
            word, count, median, _ = line.split()
            found[word] = (int(count), int(median))
        return found


# What people type first: the beginnings of names, by one letter and by two.
SHORT_WORDS = ["z", "l", "w", "a", "u", "7", "zh", "li", "wa", "an", "us", "0x"]
# Parts of full names: letters, and characters of which one is a syllable.
SHORT_WORDS_OF_FULL_NAMES = ["z", "l", "w", "a", "j", "g", "zh", "li", "wa", "an", "xi", "ji"]
CHARACTERS = ["王", "张", "晓", "伟", "孔", "墨", "张伟", "李晓", "欧阳", "诸葛"]


class Words:
    """Words by how many names hold them, found by counting."""

    def __init__(self, population, short=SHORT_WORDS):
        sample = random.Random(SEED).sample([name for _, name in population.names()], min(20_000, population.users))
        counts = collections.Counter()
        for name in sample:
            counts.update({name[at:at + length] for length in range(3, 9) for at in range(len(name) - length + 1)})
        # The scan reads its words from lines with blanks between.
        counts = collections.Counter({word: count for word, count in counts.items() if " " not in word})
        total = len(sample)
        self.tenth = self._near(counts, 0.10 * total, 0.04 * total, 4)
        self.third = self._near(counts, 0.30 * total, 0.11 * total, 4)
        self.spread = [word for share in (0.3, 0.1, 0.05, 0.02, 0.005, 0.001)
                       for word in self._near(counts, share * total, total, 1)]
        self.short = short
        self.rare = self._rare(population, counts)

    @staticmethod
    def _near(counts, wanted, tolerance, most):
        near = [word for word, count in counts.items() if abs(count - wanted) <= tolerance]
        near.sort(key=lambda word: (abs(counts[word] - wanted), word))
        return near[:most]

    @staticmethod
    def _rare(population, counts):
        """24 words that 0 to 100 names hold, a third of them none."""
        source = random.Random(SEED)
        candidates = []
        for lengths in ((3, 4, 5), (6, 7, 8)):
            few = sorted(word for word, count in counts.items() if count <= 2 and len(word) in lengths)
            candidates += source.sample(few, min(60, len(few)))
        # Nearly none of these is part of a name.
        candidates += ["".join(source.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=source.randint(5, 8)))
                       for _ in range(12)]
        found = {word: count for word, (count, _) in population.scan(candidates, 1).items() if count <= 100}
        chosen = [word for word in found if found[word] == 0][-8:]
        held = sorted(word for word in found if found[word] > 0)
        for wanted in (1, 1, 2, 2, 3, 5, 8, 12, 20, 30, 40, 50, 60, 70, 85, 100):
            if held:
                chosen.append(min(held, key=lambda word: abs(found[word] - wanted)))
                held.remove(chosen[-1])
        return chosen
