#!/bin/bash
# The batch script of one attempt, on the node that Slurm gave it, with the arguments of ../cluster/on-node.sh. It outlives every signal but
# SIGKILL:
#   USR1  save and leave: Slurm says that the time is nearly over, or the server passes on a request.
#   USR2  the server wants it ended.
#   TERM  Slurm's own (scancel, preemption, the end of the time). Noted.
where() {
  local job=${SLURM_ARRAY_JOB_ID:+${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID}
  printf '{"job":"%s","cluster":"%s","partition":"%s","node":"%s","gpus":"%s"}\n' "${job:-$SLURM_JOB_ID}" \
    "${SLURM_CLUSTER_NAME//[\"\\]/}" "${SLURM_JOB_PARTITION//[\"\\]/}" "${SLURMD_NODENAME//[\"\\]/}" \
    "${CUDA_VISIBLE_DEVICES//[\"\\]/}"
}
listen() {
  # an array is how it was submitted, and none of the command's business
  unset "${!SLURM_ARRAY_@}"
  trap 'ask USR1' USR1
  trap end USR2
}
# a signal ends the wait, not what is waited for
rest() {
  if [ "$phase" = running ]; then wait "$running"; else
    sleep 0.2 &
    wait $!
  fi
}
. "${0%/*}/../cluster/on-node.sh"
