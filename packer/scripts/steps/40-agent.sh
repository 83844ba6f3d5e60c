#!/usr/bin/env bash
# The agent and the units that keep it and its tunnel running. They start once injection has given them their settings.
# shellcheck source=packer/scripts/lib.sh
. "$(dirname -- "$0")/../lib.sh"

[ -f "$PAYLOAD/agent/build-agent.cjs" ] || fail 'The payload lacks agent/build-agent.cjs. Run: npm run build'

install -d -m 0755 /opt/build-agent
install -m 0644 "$PAYLOAD/agent/build-agent.cjs" /opt/build-agent/build-agent.cjs
install -d -m 0750 -o root -g builder /etc/build-agent
install -d -m 0700 -o builder -g builder /var/lib/build-agent

units=("$PAYLOAD"/systemd/*)
for unit in "${units[@]}"; do
  install -m 0644 "$unit" /etc/systemd/system/
done
systemctl daemon-reload
for unit in "${units[@]}"; do
  case $unit in
    *.service) systemctl enable --quiet "$(basename -- "$unit")" ;;
  esac
done

node --check /opt/build-agent/build-agent.cjs || fail "Node $(node --version) cannot read the agent's bundle."
for unit in build-agent build-tunnel; do
  systemctl is-enabled --quiet "$unit.service" || fail "$unit.service is not enabled."
done
# An older systemd ignores what it does not know, and with it the protection that was meant.
complaints=$(systemd-analyze verify /etc/systemd/system/build-{agent,tunnel}.service 2>&1 || :)
if grep -i 'unknown\|failed to parse' <<<"$complaints" | grep '/build-\(agent\|tunnel\)'; then
  fail "systemd $(systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p') does not know all settings of the units."
fi
