"""TensorBoard's plain writer: two writers in two folders, one of which goes on from the middle. Arguments: learning rate, steps."""
import os, sys
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

lr, steps = float(sys.argv[1]), int(sys.argv[2])
for rank, first in (("rank0", 0), ("rank1", 0), ("rank0", steps // 2)):
    writer = EventFileWriter(os.path.join(os.environ["SWEEPBOARD_TENSORBOARD"], rank))
    for step in range(first, steps):
        value = Summary.Value(tag="loss", simple_value=lr * 1e5 / (step + 1))
        writer.add_event(Event(step=step, wall_time=1.7e9 + step, summary=Summary(value=[value])))
    writer.close()
