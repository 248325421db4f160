"""Weighted kNN votes by scikit-learn: python make_knn.py > knn.json

Cosine distance, weights exp(similarity / temperature), several k; features are small whole numbers divided by 8, exact in float32.
"""

import json

import numpy as np
import sklearn
from sklearn.neighbors import KNeighborsClassifier

TEMPERATURE = 0.07
BANK, QUERIES, WIDTH, CLASSES = 260, 40, 12, 5

rng = np.random.default_rng(712)
centres = rng.integers(-6, 7, size=(CLASSES, WIDTH))
bank_labels = rng.integers(0, CLASSES, size=BANK)
query_labels = rng.integers(0, CLASSES, size=QUERIES)
bank = (centres[bank_labels] + rng.integers(-12, 13, size=(BANK, WIDTH))) / 8
queries = (centres[query_labels] + rng.integers(-12, 13, size=(QUERIES, WIDTH))) / 8

cases = []
for k in (1, 5, 20, 200, 260):
    model = KNeighborsClassifier(
        n_neighbors=k, metric="cosine", algorithm="brute", weights=lambda d: np.exp((1 - d) / TEMPERATURE)
    ).fit(bank, bank_labels)
    predicted = model.predict(queries)
    cases.append({"k": k, "predicted": predicted.tolist(), "accuracy": float((predicted == query_labels).mean())})
distances, indices = model.kneighbors(queries, n_neighbors=20)

print(
    json.dumps(
        {
            "scikit-learn": sklearn.__version__,
            "temperature": TEMPERATURE,
            "classes": CLASSES,
            "width": WIDTH,
            "bank": (bank * 8).astype(int).ravel().tolist(),
            "queries": (queries * 8).astype(int).ravel().tolist(),
            "bankLabels": bank_labels.tolist(),
            "queryLabels": query_labels.tolist(),
            "indices": indices.ravel().tolist(),
            "similarities": [round(float(1 - d), 9) for d in distances.ravel()],
            "cases": cases,
        }
    )
)
