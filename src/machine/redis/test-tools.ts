/** The addresses that the services tell tests, as the URLs of their servers. */

/** `redis-cluster://a:1,b:2` */
export function clusterUrls(address: string): string[] {
  return address
    .replace("redis-cluster://", "")
    .split(",")
    .map((place) => `redis://${place}`);
}

/** `redis://a:1,redis://b:2` */
export function ringUrls(address: string): string[] {
  return address.split(",");
}
