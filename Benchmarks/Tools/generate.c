// Makes the users that the benchmarks run on: seeded, so that the same arguments give the same bytes.
//
//     generate USERS SEED FOLDER
//
// writes into FOLDER
//   users.csv     what `roster import` reads
//   users.ldif    the same users for slapadd, laid out as a vendor does: cn=NAME,ou=People,ou=CLUSTER,BASE
//   names.txt     every name, folded to lower case, one a line, a cluster's names side by side: what namescan reads
//   clusters.tsv  cluster, its users, where its names begin in names.txt, how many bytes they take
//
// Cluster sizes follow Zipf's law: the largest holds a twentieth of all users, and the exponent is what makes the
// sizes add up. Names are in thirds: pinyin (zhangwei, liming2), initial + surname + digits (wzhang03), and usr- + 8
// letters or digits. In one cluster no two names differ in case alone.

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ZONE_BASE "dc=ehpccloud,dc=com"
#define LONGEST_NAME 32

// ---- random numbers: SplitMix64

static uint64_t state;

static uint64_t next(void) {
    uint64_t value = (state += 0x9E3779B97F4A7C15u);
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

static uint32_t below(uint32_t bound) { return (uint32_t)(((next() >> 32) * bound) >> 32); }

static char *letters(char *to, const char *alphabet, int count) {
    uint32_t size = (uint32_t)strlen(alphabet);
    for (int index = 0; index < count; index++) *to++ = alphabet[below(size)];
    *to = 0;
    return to;
}

static const char MIXED[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
static const char SMALL[] = "abcdefghijklmnopqrstuvwxyz0123456789";

// ---- names

// Surnames with how many of a thousand people bear them, roughly as in mainland China; the tail shares the rest evenly.
static const struct { const char *text; int weight; } SURNAMES[] = {
    {"wang", 76}, {"li", 75}, {"zhang", 71}, {"liu", 54}, {"chen", 46}, {"yang", 31}, {"huang", 24}, {"zhao", 21},
    {"wu", 24}, {"zhou", 20}, {"xu", 26}, {"sun", 16}, {"ma", 13}, {"zhu", 13}, {"hu", 13}, {"guo", 12}, {"he", 14},
    {"lin", 12}, {"gao", 11}, {"luo", 10}, {"zheng", 9}, {"liang", 9}, {"xie", 8}, {"song", 8}, {"tang", 8},
    {"deng", 6}, {"feng", 6}, {"han", 6}, {"cao", 6}, {"zeng", 6}, {"peng", 6}, {"xiao", 6}, {"cai", 6}, {"pan", 5},
    {"tian", 5}, {"dong", 5}, {"yuan", 5}, {"yu", 10}, {"jiang", 8}, {"ye", 5}, {"du", 5}, {"su", 5}, {"wei", 7},
    {"cheng", 5}, {"lv", 5}, {"ding", 5}, {"shen", 5}, {"ren", 4}, {"yao", 4}, {"lu", 9}, {"fu", 5}, {"zhong", 4},
    {"cui", 4}, {"tan", 4}, {"liao", 3}, {"fan", 6}, {"jin", 4}, {"shi", 6}, {"jia", 3}, {"xia", 4}, {"bai", 3},
    {"zou", 3}, {"meng", 3}, {"xiong", 3}, {"qin", 3}, {"qiu", 3}, {"hou", 3}, {"yin", 3}, {"xue", 3}, {"yan", 4},
    {"lei", 2}, {"long", 2}, {"tao", 2}, {"hao", 2}, {"gu", 2}, {"mao", 2}, {"gong", 2}, {"shao", 2}, {"wan", 2},
    {"qian", 2}, {"kong", 1}, {"chang", 1}, {"ouyang", 1}, {"zhuge", 1},
};

static const char *const GIVEN[] = {
    "wei", "fang", "na", "min", "jing", "li", "qiang", "lei", "jun", "yang", "yong", "yan", "jie", "juan", "tao",
    "ming", "chao", "xiu", "ying", "xia", "ping", "gang", "gui", "hua", "hong", "bo", "bin", "hao", "hui", "jian", "kai",
    "kun", "lan", "lin", "ling", "long", "mei", "nan", "ning", "peng", "qi", "qing", "rong", "rui", "shan", "sheng", "shu",
    "ting", "wen", "xiang", "xiao", "xin", "xue", "yi", "yu", "yuan", "yue", "yun", "ze", "zhi", "zhong", "zi", "bai",
    "chen", "cheng", "dan", "dong", "fei", "feng", "guang", "guo", "hai", "han", "heng", "jia", "jin", "ke", "liang",
    "mo", "qian", "ran", "ru", "shi", "si", "song", "tian", "wan", "xi", "xuan", "ya", "ye", "zhen", "zheng", "zhu",
};

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static const char *surname(void) {
    static int total;
    if (!total) for (int index = 0; index < COUNT(SURNAMES); index++) total += SURNAMES[index].weight;
    int left = (int)below((uint32_t)total);
    for (int index = 0; index < COUNT(SURNAMES); index++) {
        left -= SURNAMES[index].weight;
        if (left < 0) return SURNAMES[index].text;
    }
    return SURNAMES[0].text;
}

static const char *given(void) { return GIVEN[below((uint32_t)COUNT(GIVEN))]; }

// The names of the cluster in hand, by an open hash table of folded names that is emptied for each cluster.
static struct { uint64_t hash; uint32_t cluster; } *table;
static uint64_t mask;

static int isNew(const char *folded, uint32_t cluster) {
    uint64_t hash = 0xCBF29CE484222325u;
    for (const char *at = folded; *at; at++) hash = (hash ^ (uint8_t)*at) * 0x100000001B3u;
    hash ^= hash >> 29;
    for (uint64_t slot = hash & mask;; slot = (slot + 1) & mask) {
        if (table[slot].cluster != cluster) {
            table[slot].hash = hash;
            table[slot].cluster = cluster;
            return 1;
        }
        if (table[slot].hash == hash) return 0;
    }
}

static void fold(char *to, const char *from) {
    while ((*to++ = (char)tolower((unsigned char)*from++))) {}
}

// Puts a name into `name` that the cluster does not have yet. How often a stem was taken already decides its digits, as
// it does where people pick the next free number.
static void makeName(char *name, char *folded, int kind, uint32_t cluster) {
    char stem[LONGEST_NAME];
    if (kind == 0) {
        int syllables = below(10) < 7 ? 2 : 1;
        snprintf(stem, sizeof stem, "%s%s%s", surname(), given(), syllables == 2 ? given() : "");
        strcpy(name, stem);
    } else if (kind == 1) {
        // Initials are those that given names have.
        snprintf(stem, sizeof stem, "%c%s", given()[0], surname());
        snprintf(name, LONGEST_NAME, "%s%02u", stem, below(100));
    } else {
        strcpy(stem, "usr-");
        letters(strcpy(name, "usr-") + 4, MIXED, 8);
    }
    uint32_t span = kind == 1 ? 200 : 10;
    for (fold(folded, name); !isNew(folded, cluster); fold(folded, name)) {
        if (kind == 2) letters(name + 4, MIXED, 8);
        else snprintf(name, LONGEST_NAME, kind == 1 ? "%s%02u" : "%s%u", stem, 2 + below(span));
        span += span / 4 + 1;
    }
}

// ---- clusters

// Sizes by rank: largest / rank^exponent, with the exponent by bisection, and the rest put on the smallest ones.
static uint32_t *sizes(uint32_t users, uint32_t count) {
    double low = 0, high = 4, largest = users / 20.0;
    for (int step = 0; step < 60; step++) {
        double exponent = (low + high) / 2, sum = 0;
        for (uint32_t rank = 1; rank <= count; rank++) sum += fmax(1, floor(largest / pow(rank, exponent)));
        if (sum > users) low = exponent; else high = exponent;
    }
    uint32_t *size = malloc(count * sizeof *size), total = 0;
    for (uint32_t rank = 1; rank <= count; rank++) {
        size[rank - 1] = (uint32_t)fmax(1, floor(largest / pow(rank, high)));
        total += size[rank - 1];
    }
    for (uint32_t rank = count; total < users; total++, rank = rank > 1 ? rank - 1 : count) size[rank - 1]++;
    return size;
}

static int inOrder(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return a < b ? -1 : a > b;
}

static void iso(char *to, int64_t seconds) {
    time_t moment = seconds;
    struct tm parts;
    gmtime_r(&moment, &parts);
    strftime(to, 32, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

static FILE *create(const char *folder, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (!file) { perror(path); exit(1); }
    setvbuf(file, NULL, _IOFBF, 1 << 20);
    return file;
}

int main(int count, char **arguments) {
    if (count != 4) { fprintf(stderr, "usage: generate USERS SEED FOLDER\n"); return 2; }
    uint32_t users = (uint32_t)strtoul(arguments[1], NULL, 10);
    state = strtoull(arguments[2], NULL, 10);
    if (users < 100) { fprintf(stderr, "generate: at least 100 users\n"); return 2; }
    FILE *csv = create(arguments[3], "users.csv"), *ldif = create(arguments[3], "users.ldif");
    FILE *names = create(arguments[3], "names.txt"), *list = create(arguments[3], "clusters.tsv");

    uint32_t clusters = (uint32_t)(2 * sqrt(users));
    uint32_t *size = sizes(users, clusters);
    for (mask = 1; mask < 4u * size[0]; mask *= 2) {}
    table = calloc(mask--, sizeof *table);
    int64_t *times = malloc(size[0] * sizeof *times);

    fputs("cluster_id,username,uid_number,gid_number,role,user_id,hpcuser_id,nas_mount_point,create_time,"
        "update_time\n", csv);
    fputs("dn: " ZONE_BASE "\nobjectClass: dcObject\nobjectClass: organization\no: ehpccloud\ndc: ehpccloud\n\n", ldif);
    const int64_t begin = 1451606400, end = 1767225600;  // the years 2016 to 2025
    uint64_t place = 0;
    for (uint32_t rank = 0; rank < clusters; rank++) {
        char cluster[64], mount[64];
        letters(strcpy(cluster, rank % 4 == 3 ? "ehpc-" : "hpc-") + (rank % 4 == 3 ? 5 : 4), SMALL, 8);
        snprintf(mount, sizeof mount, "/public/shanhe/s%04u", rank);
        uint32_t gid = 10000 + rank, uid = 10000 + rank % 50 * 1000;
        fprintf(ldif, "dn: ou=%s," ZONE_BASE "\nobjectClass: organizationalUnit\nou: %s\n\n"
            "dn: ou=People,ou=%s," ZONE_BASE "\nobjectClass: organizationalUnit\nou: People\n\n",
            cluster, cluster, cluster);

        // Users came in the order of their uids, but for some who moved here from elsewhere.
        int64_t founded = begin + below(86400 * 365 * 6);
        for (uint32_t index = 0; index < size[rank]; index++)
            times[index] = founded + (int64_t)below((uint32_t)(end - founded));
        qsort(times, size[rank], sizeof *times, inOrder);
        for (uint32_t moved = 0; moved < size[rank] / 8; moved++) {
            uint32_t one = below(size[rank]), other = below(size[rank]);
            int64_t kept = times[one];
            times[one] = times[other];
            times[other] = kept;
        }

        uint64_t start = place;
        for (uint32_t index = 0; index < size[rank]; index++) {
            char name[64], folded[64], account[16], id[24], created[32], updated[32];
            if (index == 0) {
                strcpy(name, "admin");
                fold(folded, name);
                isNew(folded, rank + 1);
            } else {
                makeName(name, folded, (int)below(3), rank + 1);
            }
            letters(strcpy(account, "usr-") + 4, MIXED, 8);
            letters(strcpy(id, "hpcuser-") + 8, SMALL, 8);
            uid += 1 + (below(20) == 0);
            iso(created, times[index]);
            int64_t since = below(2) ? 0 : (int64_t)below((uint32_t)(end + 86400 * 180 - times[index]));
            iso(updated, times[index] + since);
            fprintf(csv, "%s,%s,%u,%u,%s,%s,%s,%s,%s,%s\n", cluster, name, uid, gid, index == 0 ? "admin" : "member",
                account, id, mount, created, updated);
            fprintf(ldif, "dn: cn=%s,ou=People,ou=%s," ZONE_BASE "\nobjectClass: posixAccount\n"
                "objectClass: inetOrgPerson\nobjectClass: shadowAccount\ncn: %s\nsn: %s\nuid: %s\n"
                "uidNumber: %u\ngidNumber: %u\nhomeDirectory: %s/home/%s\nloginShell: /bin/bash\ndescription: %s\n\n",
                name, cluster, name, name, name, uid, gid, mount, name, created);
            place += (uint64_t)fprintf(names, "%s\n", folded);
        }
        fprintf(list, "%s\t%u\t%llu\t%llu\n", cluster, size[rank], (unsigned long long)start,
            (unsigned long long)(place - start));
    }
    if (fclose(csv) | fclose(ldif) | fclose(names) | fclose(list)) { perror("generate"); return 1; }
    return 0;
}
