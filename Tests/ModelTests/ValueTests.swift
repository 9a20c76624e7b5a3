import RosterModel
import Testing

@Suite struct ValueTests {
    @Test(arguments: ["hpc-qig9xu97", "ehpc-a", "hpc-" + String(repeating: "x", count: 32)])
    func takesClusterIDsOfAnyLength(text: String) throws {
        #expect(try ClusterID(text).text == text)
    }

    @Test(arguments: [
        "", "hpc-", "hpc", "xhpc-1", "hpc-a b", "hpc-é", "hpc-a/b", "hpc-\0",
        "hpc-" + String(repeating: "x", count: 33),
    ])
    func refusesOtherClusterIDs(text: String) {
        let error = #expect(throws: RosterError.self) { try ClusterID(text) }
        #expect(error?.code == .invalidParameter)
        #expect(error?.message.contains("cluster_id") == true)
    }

    @Test func makesIdentifiersAsTheVendorDoes() {
        #expect(ClusterID.make().text.wholeMatch(of: /hpc-[a-z0-9]{8}/) != nil)
        #expect(ClusterID.make(prefix: "ehpc-").text.wholeMatch(of: /ehpc-[a-z0-9]{8}/) != nil)
        #expect(HPCUserID.make().text.wholeMatch(of: /hpcuser-[a-z0-9]{8}/) != nil)
        #expect(AccountID.make().text.wholeMatch(of: /usr-[A-Za-z0-9]{8}/) != nil)
        #expect(JobID.make().text.wholeMatch(of: /j-[a-z0-9]{11}/) != nil)
        #expect(AccessKeyID.make().text.wholeMatch(of: /[A-Z]{20}/) != nil)
        #expect(AccessKeyID.make() != AccessKeyID.make())
    }

    @Test(arguments: ["a", "usr-vceaHsJu", "Zhang San", "张三", "a.b", "-rf", "..", String(repeating: "x", count: 64)])
    func takesNamesThatSitesHave(text: String) throws {
        #expect(try Username(text).text == text)
    }

    @Test(arguments: ["", "a:b", "a/b", "a\nb", "a\0", "a\u{7F}", "\u{85}", String(repeating: "é", count: 33)])
    func refusesNamesThatBreakFiles(text: String) {
        #expect(throws: RosterError.self) { try Username(text) }
    }

    @Test func namesDifferByBytesAndMeetWithoutASCIICase() {
        #expect(Username(stored: "e\u{301}") != Username(stored: "é"))
        #expect(Username(stored: "ZhangÉ").key == "zhangÉ")
    }

    @Test(arguments: [("700", "700"), ("0700", "700"), ("2750", "2750"), ("000", "000"), ("7777", "7777")])
    func modesAreOctal(text: String, shown: String) throws {
        #expect(try FileMode(text).description == shown)
    }

    @Test(arguments: ["", "7", "70", "800", "77777", "mod", "-700", "+700", "rwx"])
    func refusesOtherModes(text: String) {
        #expect(throws: RosterError.self) { try FileMode(text) }
    }

    @Test(arguments: ["0", "4294967295", "-1", "+5", "", "1e3", "99999999999999999999", "１"])
    func refusesNumbersThatPOSIXDoesNotGive(text: String) {
        #expect(throws: RosterError.self) { try User.posixNumber(text, name: "uid_number") }
    }

    @Test func takesEveryOtherNumber() throws {
        #expect(try User.posixNumber("1", name: "uid_number") == 1)
        #expect(try User.posixNumber("4294967294", name: "uid_number") == 4_294_967_294)
    }

    @Test func homesFollowTheTemplate() {
        var cluster = Cluster(
            id: ClusterID(stored: "hpc-1"), zone: Zone(stored: "z"), nasMountPoint: "/m",
            createTime: Timestamp(seconds: 0))
        #expect(cluster.home(of: Username(stored: "li"), mount: "/public") == "/public/home/li")
        cluster.homeTemplate = "/h/{username}/{x}{nas_mount_point}{"
        #expect(cluster.home(of: Username(stored: "{username}"), mount: "/m") == "/h/{username}/{x}/m{")
    }

    @Test func typeFollowsThePrefix() {
        let time = Timestamp(seconds: 0)
        let zone = Zone(stored: "z")
        #expect(Cluster(id: ClusterID(stored: "ehpc-1"), zone: zone, nasMountPoint: "", createTime: time).type == .ehpc)
        #expect(Cluster(id: ClusterID(stored: "hpc-1"), zone: zone, nasMountPoint: "", createTime: time).type == .hpc)
    }

    @Test func passwordsDoNotShowThemselves() {
        let hash = PasswordHash(stored: "$6$secret")
        #expect(!"\(hash)".contains("secret"))
        #expect(!String(reflecting: hash).contains("secret"))
        var dumped = ""
        dump(hash, to: &dumped)
        #expect(!dumped.contains("secret"))
    }

    @Test func chainedBytesTellFieldsApart() {
        var left = OperationEvent(
            job: JobID(stored: "j-1"), time: Timestamp(seconds: 0), action: "ab", submitter: "c", origin: "local",
            status: .successful)
        var right = left
        left.action = "a"
        left.submitter = "bc"
        right.action = "ab"
        right.submitter = "c"
        #expect(left.chainedBytes(sequence: 1) != right.chainedBytes(sequence: 1))
        #expect(left.chainedBytes(sequence: 1) != left.chainedBytes(sequence: 2))
    }
}
