"""The peer: what a container with pandas and scipy does. python3 evidently_like.py <capture> <training>"""
import io
import json
import resource
import sys
import time

import pandas
from scipy.spatial.distance import jensenshannon
from scipy.stats import ks_2samp, wasserstein_distance

capture, training = sys.argv[1:3]
reference = pandas.read_csv(training)
start = time.process_time()
rows, scores = [], []
with open(capture) as lines:
    for line in lines:
        data = json.loads(line)["captureData"]
        rows.append(data["endpointInput"]["data"])
        scores.append(float(data["endpointOutput"]["data"]))
features = [name for name in reference.columns if name != "prediction"]
current = pandas.read_csv(io.StringIO("\n".join(rows)), header=None, names=features)
current["prediction"] = scores
for name in reference.columns:
    a, b = reference[name], current[name]
    ks_2samp(a, b)
    wasserstein_distance(a, b)
    bins = pandas.cut(pandas.concat([a, b]), 30, labels=False)
    p = bins[: len(a)].value_counts(normalize=True)
    q = bins[len(a):].value_counts(normalize=True)
    p, q = p.align(q, fill_value=0)
    jensenshannon(p, q)
print(json.dumps({
    "rows": len(current),
    "seconds": time.process_time() - start,
    "peakRssMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
