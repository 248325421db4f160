export { knnAccuracy, type VoteOptions, vote } from "./knn.ts";
export { type Neighbours, nearestNeighbours, type Rows } from "./neighbours.ts";
