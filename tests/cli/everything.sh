# everything: a town in which all mechanisms are on at once; one history whatever simulates, and none of them idle.
# shellcheck shell=bash disable=SC2154

all_on=("$root/tests/data/everything.yaml" -n 1 --quiet --force --json -o all.h5)
history() { # what simulates
    if "$program" run "${all_on[@]}" "$@" >"$tmp/out" 2>"$tmp/err"; then
        sed -nE 's/.*"fingerprint": "([0-9a-f]+)", "results_sha256": "([0-9a-f]+)".*/\1 \2/p' "$tmp/out"
    else
        head -c 300 "$tmp/err"
    fi
}
one=$(history --threads 1)
check "everything: runs, and keeps its books" '[[ $one =~ ^[0-9a-f]+\ [0-9a-f]+$ ]]'
check "everything: no mechanism stands idle" '"$python" - "$tmp/out" <<P
import json, sys
kpi = json.load(open(sys.argv[1]))["kpi"]
some = """replacements birthdays pool_sales commission_paid loyalty_rewards tier_ups invitations_accepted sponsor_coupons
    deals_valid deal_coupons_used private_sales_opened cluster_visitors event_visits panel_days prediction_accuracy messages_redeemed
    fence_enters nfc_taps sound_detection_rate qr_scan_rate mode_switched_on agent_sales drops parcels_lost claims bundled_share
    surge_share stars_mean orders_cancelled remote_sales till_abandonment seller_abandonment sellers_adopted digital_requests
    collected shipped rerouted tried_and_bought record_accuracy units_shrunk cross_store_sales""".split()
idle = [name for name in some if not any(policy[name]["mean"] for policy in kpi.values())]
assert not idle, idle
for name, policy in kpi.items():
    assert policy["money_imbalance"]["mean"] == 0, name
    for leak in "messages_below_consent", "reads_without_consent":
        assert (policy[leak]["mean"] > 0) == (name == "forced"), (name, leak)
for name, policy in kpi.items():
    assert (policy["messages_sent"]["mean"] > 0) == (name != "silent"), name
P'
for threads in 2 4; do
    check "everything: $threads threads" '[ "$one" = "$(history --threads $threads --tile 4)" ]'
done
check "everything: oracle" '[ "$one" = "$(history --scheduler oracle)" ]'
