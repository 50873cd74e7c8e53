"""A shop to be measured: a server on a home of its own, its database, what is in it, and what it has used of the cores."""
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
nexus = os.path.abspath(os.environ.get("NEXUS", os.path.join(root, "build/release/nexus")))
programs = os.path.join(os.path.dirname(nexus), "bench")
postgres = "/usr/lib/postgresql/15/bin"

products, variants_each = 2_500, 4
variants = products * variants_each
stock_each = 5_000_000
address = {"full_name": "Abebe Bikila", "line1": "Bole Road 12", "city": "Addis Ababa", "country": "ET",
           "phone_number": "0911121314"}
ticks = os.sysconf("SC_CLK_TCK")


def say(text):
    print(f"== {text}", file=sys.stderr, flush=True)


class Shop:
    """With database_url, a further node on another shop's database; settings are of the server's environment."""

    def __init__(self, database_url=None, **settings):
        self.home = tempfile.mkdtemp(prefix="nexus-bench-")
        os.chmod(self.home, 0o755)  # the database's user must get in
        outside = re.compile(r"CHAPA_|DATABASE_URL|REDIS_URL|SMTP_URL|NEXUS_(?!SECRET_KEY)|ORDER_")
        self.environment = {name: value for name, value in os.environ.items() if not outside.match(name)}
        self.environment |= {"NEXUS_HOME": self.home, "NEXUS_LISTEN": "127.0.0.1:0", "NEXUS_LOG_LEVEL": "warn",
                             "ORDER_EXPIRES_AFTER": "2h", **settings}
        if database_url:
            self.environment["DATABASE_URL"] = database_url
        self.process = None

    def start(self):
        """Seconds until it was ready."""
        begun = time.monotonic()
        self.log = open(os.path.join(self.home, "serve.err"), "a")
        self.process = subprocess.Popen([nexus, "serve"], env=self.environment, stdout=subprocess.PIPE,
                                        stderr=self.log, text=True)
        late = threading.Timer(120, self.process.kill)
        late.start()
        for line in self.process.stdout:
            if found := re.match(r"Nexus is ready at http://(\S+)", line):
                late.cancel()
                self.where = found[1]
                return time.monotonic() - begun
        late.cancel()
        self.log.close()
        raise SystemExit("nexus serve did not start:\n" + open(self.log.name).read())

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def remove(self):
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def resident_mb(self):
        status = open(f"/proc/{self.process.pid}/status").read()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def postmaster(self):
        return open(os.path.join(self.home, "postgres/postmaster.pid")).read().splitlines()

    def database(self):
        """libpq's environment for the embedded cluster; its socket is named in postmaster.pid."""
        lines = self.postmaster()
        return {**os.environ, "PGHOST": lines[4], "PGPORT": lines[3], "PGUSER": "nexus", "PGDATABASE": "nexus"}

    def database_url(self):
        at = self.database()
        return f"host={at['PGHOST']} port={at['PGPORT']} user={at['PGUSER']} dbname={at['PGDATABASE']}"

    def sql(self, script):
        done = subprocess.run([f"{postgres}/psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"],
                              input=script, env=self.database(), capture_output=True, text=True, timeout=600)
        if done.returncode != 0:
            raise SystemExit(f"psql: {done.stderr}")
        return done.stdout.strip()

    def audit(self):
        done = subprocess.run([nexus, "audit"], env=self.environment, capture_output=True, text=True, timeout=600)
        return done.returncode == 0, (done.stdout + done.stderr).strip()

    def fill(self):
        script = open(os.path.join(root, "bench/fill.sql")).read()
        for name, value in {":products": products, ":each": variants_each, ":stock": stock_each}.items():
            script = script.replace(name, str(value))
        self.sql(script)
        count = self.sql("SELECT count(*) FROM variant WHERE archived_at IS NULL")
        if int(count) != variants:
            raise SystemExit(f"{count} variants were made, not {variants}")

    def server_cpu_seconds(self):
        return ticks_of(stat_of(f"/proc/{self.process.pid}/stat"), 11, 13) / ticks

    def database_cpu_seconds(self):
        main = int(self.postmaster()[0])
        backends = [stat for stat in map(stat_of, glob.glob("/proc/[0-9]*/stat")) if stat and int(stat[1]) == main]
        return (sum(ticks_of(stat, 11, 13) for stat in backends) + ticks_of(stat_of(f"/proc/{main}/stat"), 11, 15)) / ticks


def stat_of(path):
    """The fields from the state (0) on: 1 parent, 11 and 12 user and system time, 13 and 14 those of ended children."""
    try:
        return open(path).read().rpartition(")")[2].split()
    except OSError:  # it has just ended
        return []


def ticks_of(stat, first, last):
    return sum(int(field) for field in stat[first:last])


class Carts:
    """Open guests' carts, numbered on; a cart's id is its number. Made by SQL, which nobody times."""

    def __init__(self, shop):
        self.shop, self.next = shop, 1

    def make(self, count, variant=None, most_lines=1):
        """The numbers of new carts: empty, or with 1 to most_lines lines of a piece each. variant "hot": the first line
        is of the same variant in all; "spread", and all further lines: of any."""
        first, last = self.next, self.next + count - 1
        self.next = last + 1
        place = {"hot": "CASE WHEN j = 0 THEN 0 ELSE {any} END", "spread": "{any}", None: None}[variant]
        self.shop.sql(f"""
          INSERT INTO cart (id, created_at, updated_at)
          SELECT lpad(to_hex(n), 32, '0')::uuid, now(), now() FROM generate_series({first}, {last}) AS n;
          """ + (f"""
          INSERT INTO cart_item (cart_id, variant_id, quantity, unit_price, added_at)
          SELECT lpad(to_hex(n), 32, '0')::uuid, v.id, 1, v.price, now()
          FROM generate_series({first}, {last}) AS n
          CROSS JOIN LATERAL generate_series(0, abs(hashint8(n + 7)::bigint) % {most_lines}) AS j
          JOIN (SELECT id, price, row_number() OVER (ORDER BY id) - 1 AS place FROM variant) AS v
            ON v.place = {place.format(any=f"abs(hashint8(n * 8 + j)::bigint) % {variants}")}
          ON CONFLICT DO NOTHING;
          """ if place else "") + "VACUUM ANALYZE cart, cart_item; CHECKPOINT;")
        return range(first, last + 1)


def uuid_of(number):
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
