import RosterModel
import RosterSnapshot

extension UserRow {
    /// The user as an element of the list (the contract's "response item").
    func write(to json: inout JSONWriter) {
        json.object { json in writeMembers(to: &json) }
    }

    /// The members of that element.
    func writeMembers(to json: inout JSONWriter) {
        json.key("cluster_id")
        json.string(cluster.text)
        json.key("create_time")
        json.time(createTime)
        json.key("gid_number")
        json.quoted(gidNumber)
        json.key("hpcuser_id")
        withID { json.string($0) }
        json.key("mod")
        if let mode { json.string(mode.description) } else { json.null() }
        json.key("nas_mount_point")
        json.string(mountPoint)
        json.key("role")
        json.string(role.rawValue)
        json.key("uid_number")
        json.quoted(uidNumber)
        json.key("update_time")
        json.time(updateTime)
        json.key("user_id")
        withAccount { json.string($0) }
        json.key("username")
        json.string(username)
    }
}
