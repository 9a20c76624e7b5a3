import RosterModel
import RosterSnapshot

/// Messages as clients of the field sent them, captured from a socket.
enum Captured {
    /// `ldapsearch -x -D cn=K,ou=Services,dc=x -w s3cret`: the bind.
    static let bind = "302702010160220201030415636e3d4b2c6f753d53657276696365732c64633d788006733363726574"

    /// `ldapsearch -E pr=100/noprompt -z 7 -l 9 -b ou=hpc-a,dc=x FILTER uid '*' +`, where FILTER is
    /// `(&(objectClass=posixAccount)(|(uid=a*b*c)(!(cn=*))(uidNumber>=5)(uid<=z)(cn~=q)(uid:caseExactMatch:=Z)(ou:dn:=People)))`.
    static let pagedSearch = """
        3081de0201026381b3040d6f753d6870632d612c64633d780a01020a0100020107020109010100a08185a31b040b6f626a656374436c6173\
        73040c706f7369784163636f756e74a166a41004037569643009800161810162820163a2048702636ea50e04097569644e756d6265720401\
        35a608040375696404017aa8070402636e040171a918810e6361736545786163744d61746368820375696483015aa90f82026f7583065065\
        6f706c658401ff300b040375696404012a04012ba02330210416312e322e3834302e3131333535362e312e342e3331390407300502016404\
        00
        """

    /// `ldapsearch` when it is done.
    static let unbind = "30050201034200"
    /// `ldapcompare -x uid=a,dc=x uid:a`.
    static let compare = "301b0201026e16040a7569643d612c64633d7830080403756964040161"
    /// `ldapwhoami -x`: the bind, then the request.
    static let anonymousBind = "300c020101600702010304008000"
    static let whoAmI = "301e02010277198017312e332e362e312e342e312e343230332e312e31312e33"
    /// `ldappasswd -x -a old -s new uid=a,dc=x`.
    static let modifyPassword = """
        303802010277338017312e332e362e312e342e312e343230332e312e31312e3181183016800a7569643d612c64633d7881036f6c64820\
        36e6577
        """
    /// `ldapdelete -x uid=a,dc=x`.
    static let delete = "300f0201024a0a7569643d612c64633d78"

    /// `ldap3.Connection.search('dc=x', '(&(uid=*z*)(uidNumber=5))', attributes=['uid'], paged_size=3)`.
    static let searchOfLdap3 = """
        3064020102633a040464633d780a01020a0103020100020100010100a01ca40a0403756964300381017aa30e04097569644e756d6265720\
        4013530050403756964a02330210416312e322e3834302e3131333535362e312e342e333139040730050201030400
        """

    /// What stands in hexadecimal digits.
    static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.utf8)
        return stride(from: 0, to: digits.count, by: 2).map { place in
            UInt8(String(decoding: digits[place..<(place + 2)], as: UTF8.self), radix: 16)!
        }
    }

    static let all = [bind, pagedSearch, unbind, compare, anonymousBind, whoAmI, modifyPassword, delete, searchOfLdap3]
}
