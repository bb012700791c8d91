#!/usr/bin/env bash
# Starts PostgreSQL, Redis and NATS on loopback at their usual ports, from Debian's packages, where they do not answer yet.
set -euo pipefail

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

missing() { # port, package
  if answers "$1"; then
    return 1
  fi
  if ! dpkg -s "$2" >/dev/null 2>&1; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$2" >/dev/null
  fi
}

if missing 5432 postgresql; then
  version=$(ls /etc/postgresql | tail -n 1)
  # The tests' own database; whoever is on this machine may use it.
  sed -i 's/^\(host .*127\.0\.0\.1\/32 *\).*/\1trust/' "/etc/postgresql/$version/main/pg_hba.conf"
  pg_ctlcluster --skip-systemctl-redirect "$version" main start || pg_ctlcluster "$version" main restart
  su postgres -c "createuser --superuser root" 2>/dev/null || true
  su postgres -c "createdb test" 2>/dev/null || true
fi
if missing 6379 redis-server; then
  redis-server --daemonize yes --bind 127.0.0.1 --port 6379 --save "" --appendonly no >/dev/null
fi
if missing 4222 nats-server; then
  start-stop-daemon --start --oknodo --background --exec /usr/sbin/nats-server -- -a 127.0.0.1 -p 4222 -js -sd "$(mktemp -d)"
fi

for port in 5432 6379 4222; do
  for _ in $(seq 50); do
    answers "$port" && break
    sleep 0.2
  done
  answers "$port" || { echo "nothing answers on 127.0.0.1:$port" >&2; exit 1; }
done
