# sample.awk: a line of JSON a sample on standard output, until process `leader` is gone.
#   leader, started  the attempt's wrapper, and when it started, in ticks since the boot
#   ticks, page      of the kernel: ticks a second, bytes a page
#   epoch            seconds since 1970 now
#   gpus             ids for nvidia-smi; `all`; `none`: they are not asked for
# system/attempt/… is of the wrapper's process tree and group; system/machine/… and system/gpu.N/… of whoever uses them. What
# cannot be read is left out. The first sample comes after 2 s, others every 5 s and every 15 s from the fifth minute on, and never
# sooner than 200 times what one takes (up to a minute): the whole stays under half a percent of a core.

function first_line(file,   line, read) {
  read = (getline line < file)
  close(file)
  return read > 0 ? line : ""
}

function uptime(   line) {
  line = first_line("/proc/uptime")
  sub(/ .*/, "", line)
  return line + 0
}

function say(name, value) {
  values = values (values == "" ? "" : ",") "\"system/" name "\":" sprintf("%.6g", value)
}

# Processes of the attempt: in its leader's group, or below somebody who is. Sets own[pid], done[pid], memory, and the bytes of disks.
function look_at_attempt(   list, count, at, pid, line, fields, changed) {
  split("", parent); split("", own); split("", ran); split("", ended); split("", born); split("", resident)
  "echo /proc/[0-9]*" | getline list
  close("echo /proc/[0-9]*")
  count = split(list, files, " ")
  for (at = 1; at <= count; at++) {
    line = first_line(files[at] "/stat")
    pid = substr(files[at], 7)
    if (!sub(/^.*\) /, "", line)) continue
    split(line, fields, " ")
    if (fields[3] == session) continue
    parent[pid] = fields[2]
    ran[pid] = fields[12] + fields[13]
    ended[pid] = fields[14] + fields[15]
    born[pid] = fields[20]
    resident[pid] = fields[22]
    if (fields[3] == leader || pid == leader) own[pid] = 1
  }
  do {
    changed = 0
    for (pid in parent) if (!(pid in own) && parent[pid] in own) { own[pid] = 1; changed = 1 }
  } while (changed)
  memory = 0; bytes_read = 0; bytes_written = 0; may_read = 1
  for (pid in own) {
    memory += resident[pid] * page
    may_read = look_at_disk("/proc/" pid "/io") && may_read
  }
}

# Includes what ended children of the process read and wrote.
function look_at_disk(file,   line, field, found) {
  found = 0
  while ((getline line < file) > 0) {
    split(line, field, ": ")
    if (field[1] == "read_bytes") { bytes_read += field[2]; found = 1 }
    if (field[1] == "write_bytes") bytes_written += field[2]
  }
  close(file)
  return found
}

# Ticks since the last look: of those who live, and of those who have ended since, which their parents were told.
function ticks_of_attempt(   pid, sum, told) {
  sum = 0; told = 0
  for (pid in own) {
    if (before_born[pid] == born[pid]) { sum += ran[pid] - before_ran[pid]; told += ended[pid] - before_ended[pid] }
    else { sum += ran[pid]; told += ended[pid] }
  }
  for (pid in before_born) if (!(pid in own) || born[pid] != before_born[pid]) told -= before_ran[pid] + before_ended[pid]
  return sum + (told > 0 ? told : 0)
}

function remember(   pid) {
  split("", before_born); split("", before_ran); split("", before_ended)
  for (pid in own) { before_born[pid] = born[pid]; before_ran[pid] = ran[pid]; before_ended[pid] = ended[pid] }
  before_read = bytes_read; before_written = bytes_written; before_could = may_read
}

function look_at_machine(   line, fields, at) {
  split(first_line("/proc/stat"), fields, " ")
  all = 0
  # guests are in user and nice already
  for (at = 2; at <= 9; at++) all += fields[at]
  idle = fields[5] + fields[6]
  received = 0; sent = 0; counts_network = 0
  while ((getline line < "/proc/net/dev") > 0) {
    if (line !~ /:/ || line ~ /^ *lo:/) continue
    sub(/^.*:/, "", line)
    split(line, fields, " ")
    received += fields[1]; sent += fields[9]; counts_network = 1
  }
  close("/proc/net/dev")
}

function say_memory(   line, fields, total, available) {
  while ((getline line < "/proc/meminfo") > 0) {
    split(line, fields, " ")
    if (fields[1] == "MemTotal:") total = fields[2]
    if (fields[1] == "MemAvailable:") available = fields[2]
  }
  close("/proc/meminfo")
  if (total > 0 && available != "") say("machine/memory_percent", 100 * (1 - available / total))
}

# Of the file system that the run's folder is on, as df has it.
function say_disk(   command, line, last, fields) {
  command = "timeout 10 df -Pk \"$SAMPLED_FOLDER\" 2> /dev/null"
  while ((command | getline line) > 0) last = line
  close(command)
  if (match(last, / [0-9]+ +[0-9]+ +[0-9]+ +[0-9]+% /)) {
    split(substr(last, RSTART, RLENGTH), fields, " ")
    if (fields[2] + fields[3] > 0) say("machine/disk_percent", 100 * fields[2] / (fields[2] + fields[3]))
  }
}

function say_gpus(   command, line, fields, name) {
  command = "timeout 10 nvidia-smi" (gpus == "all" ? "" : " -i " gpus) \
    " --query-gpu=index,utilization.gpu,memory.used,memory.total,temperature.gpu,power.draw --format=csv,noheader,nounits 2> /dev/null"
  while ((command | getline line) > 0) {
    if (split(line, fields, / *, */) != 6 || fields[1] !~ /^[0-9]+$/) continue
    name = "gpu." fields[1] "/"
    if (is_number(fields[2])) say(name "use_percent", fields[2])
    if (is_number(fields[3])) say(name "memory_gb", fields[3] * 1048576 / 1e9)
    if (is_number(fields[3]) && is_number(fields[4]) && fields[4] > 0) say(name "memory_percent", 100 * fields[3] / fields[4])
    if (is_number(fields[5])) say(name "temperature_celsius", fields[5])
    if (is_number(fields[6])) say(name "power_watts", fields[6])
  }
  close(command)
}

# "[N/A]", "[Not Supported]" and what else nvidia-smi says in a number's place are none.
function is_number(text) { return text ~ /^[0-9]+([.][0-9]+)?$/ }

BEGIN {
  split(first_line("/proc/self/stat"), self, " ")
  session = self[1]
  if (gpus == "" || gpus !~ /^[A-Za-z0-9,.\/-]+$/) gpus = "none"
  begun = at = uptime()
  look_at_attempt(); remember(); look_at_machine()
  disk_at = -60
  took = 0
  while (1) {
    nap = (at - begun) / 20
    if (nap < 5) nap = took == 0 ? 2 : 5
    if (nap > 15) nap = 15
    if (nap < 200 * took) nap = 200 * took
    if (nap > 60) nap = 60
    if (system("sleep " sprintf("%.2f", nap)) != 0) exit
    line = first_line("/proc/" leader "/stat")
    if (!sub(/^.*\) /, "", line)) exit
    split(line, fields, " ")
    # a zombie, where nobody reaps, is gone too
    if (fields[20] != started || fields[1] == "Z") exit

    earlier = at; at = uptime(); seconds = at - earlier
    before_all = all; before_idle = idle; before_received = received; before_sent = sent; before_network = counts_network
    values = ""
    look_at_attempt()
    if (seconds > 0) {
      say("attempt/cpu_percent", 100 * ticks_of_attempt() / ticks / seconds)
      say("attempt/memory_gb", memory / 1e9)
      if (may_read && before_could && bytes_read >= before_read && bytes_written >= before_written) {
        say("attempt/disk_read_mb_per_second", (bytes_read - before_read) / 1e6 / seconds)
        say("attempt/disk_written_mb_per_second", (bytes_written - before_written) / 1e6 / seconds)
      }
      look_at_machine()
      if (all > before_all) say("machine/cpu_percent", 100 * (1 - (idle - before_idle) / (all - before_all)))
      say_memory()
      if (counts_network && before_network && received >= before_received && sent >= before_sent) {
        say("machine/network_received_mb_per_second", (received - before_received) / 1e6 / seconds)
        say("machine/network_sent_mb_per_second", (sent - before_sent) / 1e6 / seconds)
      }
      if (at - disk_at >= 60) { say_disk(); disk_at = at }
      if (gpus != "none") say_gpus()
      printf "{\"time\":%.2f,\"values\":{%s}}\n", epoch + at - begun, values
      # a disk that is full: nobody waits for the rest
      if (fflush() != 0) exit
    }
    remember()
    took = uptime() - at
    if (took < 0.01) took = 0.01
  }
}
