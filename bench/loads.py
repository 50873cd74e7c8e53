"""Loads on a shop: requests over HTTP, and pgbench on its database."""
import glob
import json
import os
import re
import subprocess

from shop import postgres, programs

# As the server's statements are planned: once.
planned_once = {"PGOPTIONS": "-c plan_cache_mode=force_generic_plan"}


class Figure:
    def __init__(self, per_second, p50_ms, p99_ms, note=""):
        self.per_second, self.p50_ms, self.p99_ms, self.note = per_second, p50_ms, p99_ms, note
        self.count, self.conflicts, self.load_us_each, self.cores = 0, 0, 0.0, ""


def best(figures):
    return max(figures, key=lambda f: f.per_second)


class Bench:
    def __init__(self, shop, seconds, connections):
        self.shop, self.seconds, self.connections = shop, seconds, connections
        self.folder = os.path.join(shop.home, "bench")
        os.makedirs(self.folder)
        self.first = 0
        self.faults = []

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as out:
            out.write(text)
        return path

    def load(self, requests, seconds, once=False, where=None, connections=None, conflicts=False):
        """where: "address:port", or several by commas. conflicts: a 409 is an answer like another, counted apart."""
        file = self.file("requests.txt", "\n".join(requests) + "\n")
        command = [f"{programs}/load", where or self.shop.where, file, "--seconds", str(seconds),
                   "--connections", str(connections or self.connections)]
        command += (["--once"] if once else []) + (["--conflicts"] if conflicts else [])
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60)
        if done.returncode not in (0, 1):
            raise SystemExit(f"load: {done.stderr}")
        result = json.loads(done.stdout)
        if result["refused"] + result["broken"]:
            self.faults.append(f"{requests[0].split(' {')[0]}: {result['refused']} refused, {result['broken']} broken; "
                               f"{done.stderr[-700:]}")
        out = Figure(result["per_second"], result["p50_ms"], result["p99_ms"])
        out.count, out.conflicts, out.load_us_each = result["answered"], result["conflicts"], result["cpu_us_each"]
        out.sent = result["answered"] + result["conflicts"] + result["refused"] + result["broken"]
        return out

    def pgbench(self, script, seconds, clients, quota=0):
        """quota: how many numbers each client may use up; :first is where they begin, :n the client's own count."""
        for old in glob.glob(f"{self.folder}/log.*"):
            os.remove(old)
        file = self.file("script.sql", script)
        command = [f"{postgres}/pgbench", "-n", "-M", "prepared", "-T", str(seconds), "-c", str(clients), "-j", "2",
                   "-f", file, "-D", "n=0", "-D", f"quota={quota}", "-D", f"first={self.first}",
                   "--log", "--log-prefix", f"{self.folder}/log"]
        done = subprocess.run(command, env=self.shop.database() | planned_once, capture_output=True, text=True,
                              timeout=seconds + 120)
        if done.returncode != 0 or "aborted" in done.stderr:
            raise SystemExit(f"pgbench: {done.stderr[-2000:]}")
        tps = float(re.search(r"tps = ([\d.]+)", done.stdout)[1])
        took = sorted(int(line.split()[2]) for log in glob.glob(f"{self.folder}/log.*") for line in open(log))
        at = lambda share: took[min(len(took) - 1, int(len(took) * share))] / 1000  # noqa: E731
        return Figure(tps, at(0.5), at(0.99), f"{clients} clients")
