#!/bin/sh
# half-a-report.sh REPORT: an evaluation that ends well and leaves a report that breaks off.
printf '{"acc": {"AMC23": 0.4, "GSM8k": 0.7' > "$1"
