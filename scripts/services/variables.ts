/** Where tests find the address of each engine. */
export const variables = {
  postgres: "HOLDFAST_TEST_POSTGRES",
  minio: "HOLDFAST_TEST_S3_MINIO",
  versity: "HOLDFAST_TEST_S3_VERSITY",
  "redis-ring": "HOLDFAST_TEST_REDIS_RING",
  "redis-cluster": "HOLDFAST_TEST_REDIS_CLUSTER",
  hdfs: "HOLDFAST_TEST_HDFS",
} as const;

export type EngineName = keyof typeof variables;
export type EngineVariable = (typeof variables)[EngineName];
