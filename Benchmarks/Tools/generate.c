// Makes the users that the benchmarks run on: seeded, so that the same arguments give the same bytes.
//
//     generate USERS SEED FOLDER [full-names | one-cluster]
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
//
// With full-names the same users have full names too, in a column of users.csv, and names.txt holds those instead: in
// thirds Zhang Xiaoming, Xiaoming Zhang and 张晓明, independent of the username. With one-cluster all users are in one.

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
static const struct { const char *text, *characters; int weight; } SURNAMES[] = {
    {"wang", "王", 76}, {"li", "李", 75}, {"zhang", "张", 71}, {"liu", "刘", 54}, {"chen", "陈", 46},
    {"yang", "杨", 31}, {"huang", "黄", 24}, {"zhao", "赵", 21}, {"wu", "吴", 24}, {"zhou", "周", 20},
    {"xu", "徐", 26}, {"sun", "孙", 16}, {"ma", "马", 13}, {"zhu", "朱", 13}, {"hu", "胡", 13}, {"guo", "郭", 12},
    {"he", "何", 14}, {"lin", "林", 12}, {"gao", "高", 11}, {"luo", "罗", 10}, {"zheng", "郑", 9}, {"liang", "梁", 9},
    {"xie", "谢", 8}, {"song", "宋", 8}, {"tang", "唐", 8}, {"deng", "邓", 6}, {"feng", "冯", 6}, {"han", "韩", 6},
    {"cao", "曹", 6}, {"zeng", "曾", 6}, {"peng", "彭", 6}, {"xiao", "萧", 6}, {"cai", "蔡", 6}, {"pan", "潘", 5},
    {"tian", "田", 5}, {"dong", "董", 5}, {"yuan", "袁", 5}, {"yu", "于", 10}, {"jiang", "蒋", 8}, {"ye", "叶", 5},
    {"du", "杜", 5}, {"su", "苏", 5}, {"wei", "魏", 7}, {"cheng", "程", 5}, {"lv", "吕", 5}, {"ding", "丁", 5},
    {"shen", "沈", 5}, {"ren", "任", 4}, {"yao", "姚", 4}, {"lu", "卢", 9}, {"fu", "傅", 5}, {"zhong", "钟", 4},
    {"cui", "崔", 4}, {"tan", "谭", 4}, {"liao", "廖", 3}, {"fan", "范", 6}, {"jin", "金", 4}, {"shi", "石", 6},
    {"jia", "贾", 3}, {"xia", "夏", 4}, {"bai", "白", 3}, {"zou", "邹", 3}, {"meng", "孟", 3}, {"xiong", "熊", 3},
    {"qin", "秦", 3}, {"qiu", "邱", 3}, {"hou", "侯", 3}, {"yin", "尹", 3}, {"xue", "薛", 3}, {"yan", "闫", 4},
    {"lei", "雷", 2}, {"long", "龙", 2}, {"tao", "陶", 2}, {"hao", "郝", 2}, {"gu", "顾", 2}, {"mao", "毛", 2},
    {"gong", "龚", 2}, {"shao", "邵", 2}, {"wan", "万", 2}, {"qian", "钱", 2}, {"kong", "孔", 1}, {"chang", "常", 1},
    {"ouyang", "欧阳", 1}, {"zhuge", "诸葛", 1},
};

static const struct { const char *text, *characters; } GIVEN[] = {
    {"wei", "伟"}, {"fang", "芳"}, {"na", "娜"}, {"min", "敏"}, {"jing", "静"}, {"li", "丽"}, {"qiang", "强"},
    {"lei", "磊"}, {"jun", "军"}, {"yang", "洋"}, {"yong", "勇"}, {"yan", "艳"}, {"jie", "杰"}, {"juan", "娟"},
    {"tao", "涛"}, {"ming", "明"}, {"chao", "超"}, {"xiu", "秀"}, {"ying", "英"}, {"xia", "霞"}, {"ping", "平"},
    {"gang", "刚"}, {"gui", "桂"}, {"hua", "华"}, {"hong", "红"}, {"bo", "波"}, {"bin", "斌"}, {"hao", "浩"},
    {"hui", "辉"}, {"jian", "建"}, {"kai", "凯"}, {"kun", "坤"}, {"lan", "兰"}, {"lin", "琳"}, {"ling", "玲"},
    {"long", "龙"}, {"mei", "梅"}, {"nan", "楠"}, {"ning", "宁"}, {"peng", "鹏"}, {"qi", "琪"}, {"qing", "青"},
    {"rong", "荣"}, {"rui", "瑞"}, {"shan", "珊"}, {"sheng", "胜"}, {"shu", "淑"}, {"ting", "婷"}, {"wen", "文"},
    {"xiang", "翔"}, {"xiao", "晓"}, {"xin", "鑫"}, {"xue", "雪"}, {"yi", "怡"}, {"yu", "宇"}, {"yuan", "媛"},
    {"yue", "月"}, {"yun", "云"}, {"ze", "泽"}, {"zhi", "志"}, {"zhong", "忠"}, {"zi", "子"}, {"bai", "柏"},
    {"chen", "晨"}, {"cheng", "成"}, {"dan", "丹"}, {"dong", "东"}, {"fei", "飞"}, {"feng", "峰"}, {"guang", "光"},
    {"guo", "国"}, {"hai", "海"}, {"han", "涵"}, {"heng", "恒"}, {"jia", "佳"}, {"jin", "金"}, {"ke", "可"},
    {"liang", "亮"}, {"mo", "墨"}, {"qian", "倩"}, {"ran", "然"}, {"ru", "如"}, {"shi", "诗"}, {"si", "思"},
    {"song", "松"}, {"tian", "天"}, {"wan", "婉"}, {"xi", "希"}, {"xuan", "轩"}, {"ya", "雅"}, {"ye", "叶"},
    {"zhen", "珍"}, {"zheng", "正"}, {"zhu", "珠"},
};

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static int surnameIndex(void) {
    static int total;
    if (!total) for (int index = 0; index < COUNT(SURNAMES); index++) total += SURNAMES[index].weight;
    int left = (int)below((uint32_t)total);
    for (int index = 0; index < COUNT(SURNAMES); index++) {
        left -= SURNAMES[index].weight;
        if (left < 0) return index;
    }
    return 0;
}

static const char *surname(void) { return SURNAMES[surnameIndex()].text; }

static int givenIndex(void) { return (int)below((uint32_t)COUNT(GIVEN)); }

static const char *given(void) { return GIVEN[givenIndex()].text; }

// Puts a full name into `name`: random numbers of its own, so that the users stay the same.
static void makeFullName(char *name, size_t size) {
    static uint64_t own = 0x5DEECE66Du;
    uint64_t kept = state;
    state = own;
    int family = surnameIndex(), first = givenIndex(), kind = (int)below(3);
    int second = below(10) < 7 ? givenIndex() : -1;
    const char *surname = SURNAMES[family].text;
    if (kind == 2) {
        snprintf(name, size, "%s%s%s", SURNAMES[family].characters, GIVEN[first].characters,
            second < 0 ? "" : GIVEN[second].characters);
    } else {
        char givenName[LONGEST_NAME];
        snprintf(givenName, sizeof givenName, "%s%s", GIVEN[first].text, second < 0 ? "" : GIVEN[second].text);
        givenName[0] = (char)toupper((unsigned char)givenName[0]);
        if (kind == 0) snprintf(name, size, "%c%s %s", toupper((unsigned char)*surname), surname + 1, givenName);
        else snprintf(name, size, "%s %c%s", givenName, toupper((unsigned char)*surname), surname + 1);
    }
    own = state;
    state = kept;
}

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
    int hasFullNames = count == 5 && !strcmp(arguments[4], "full-names");
    int isOneCluster = count == 5 && !strcmp(arguments[4], "one-cluster");
    if (count != 4 + (hasFullNames || isOneCluster)) {
        fprintf(stderr, "usage: generate USERS SEED FOLDER [full-names | one-cluster]\n");
        return 2;
    }
    uint32_t users = (uint32_t)strtoul(arguments[1], NULL, 10);
    state = strtoull(arguments[2], NULL, 10);
    if (users < 100) { fprintf(stderr, "generate: at least 100 users\n"); return 2; }
    FILE *csv = create(arguments[3], "users.csv"), *ldif = create(arguments[3], "users.ldif");
    FILE *names = create(arguments[3], "names.txt"), *list = create(arguments[3], "clusters.tsv");

    uint32_t clusters = isOneCluster ? 1 : (uint32_t)(2 * sqrt(users));
    uint32_t *size = sizes(users, clusters);
    for (mask = 1; mask < 4u * size[0]; mask *= 2) {}
    table = calloc(mask--, sizeof *table);
    int64_t *times = malloc(size[0] * sizeof *times);

    fputs("cluster_id,username,uid_number,gid_number,role,user_id,hpcuser_id,nas_mount_point,create_time,"
        "update_time", csv);
    fputs(hasFullNames ? ",full_name\n" : "\n", csv);
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
            fprintf(csv, "%s,%s,%u,%u,%s,%s,%s,%s,%s,%s", cluster, name, uid, gid, index == 0 ? "admin" : "member",
                account, id, mount, created, updated);
            if (hasFullNames) {
                char fullName[64];
                makeFullName(fullName, sizeof fullName);
                fprintf(csv, ",%s", fullName);
                fold(folded, fullName);
            }
            fputc('\n', csv);
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
