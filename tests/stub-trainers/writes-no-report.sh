#!/bin/sh
# writes-no-report.sh: an evaluation that ends well and leaves no report.
echo 'evaluated everything'
