// Lists users: node list.mjs [SEARCH_WORD]. The settings of ../README.md come from the environment.
import { createHash, createHmac } from "node:crypto";

const { ROSTER_ENDPOINT = "http://127.0.0.1:8080", ROSTER_ZONE, ROSTER_ACCESS_KEY_ID, ROSTER_SECRET_ACCESS_KEY } = process.env;

// encodeURIComponent leaves !'()* as they are; the API wants all but A-Za-z0-9-_.~ escaped.
const encode = (text) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => "%" + sign.charCodeAt(0).toString(16).toUpperCase());

// The URL of a signed GET: parameters sorted by name, HMAC-SHA256 in Base64.
function signed(path, parameters) {
  const timestamp = new Date().toISOString().slice(0, 19) + "Z";
  const all = { ...parameters, access_key_id: ROSTER_ACCESS_KEY_ID, timestamp, zone: ROSTER_ZONE };
  const query = Object.keys(all).sort().map((name) => `${encode(name)}=${encode(all[name])}`).join("&");
  const text = ["GET", path, query, createHash("md5").digest("hex")].join("\n");
  const signature = createHmac("sha256", ROSTER_SECRET_ACCESS_KEY).update(text).digest("base64");
  return `${ROSTER_ENDPOINT}${path}?${query}&signature=${encode(signature)}`;
}

function fail(what) {
  console.error(`Error: ${what}`);
  process.exit(1);
}

for (const name of ["ROSTER_ZONE", "ROSTER_ACCESS_KEY_ID", "ROSTER_SECRET_ACCESS_KEY"]) {
  if (!process.env[name]) fail(`${name} is not set`);
}
const url = signed("/api/user", { limit: "100", search_word: process.argv.slice(2).join(" ") });
const response = await fetch(url).catch((error) => fail(error.cause?.message ?? error.message));
const list = await response.json().catch(() => ({}));
if (!Number.isInteger(list.ret_code)) fail(`the response is none of Roster's: status ${response.status}`);
if (list.ret_code !== 0) fail(`${list.ret_code}: ${list.message}`);
const users = list.user_set ?? list.users_set; // the same list: a server may leave either out
for (const user of users) console.log(user.username);
console.error(`${users.length} of ${list.total_count} users`);
