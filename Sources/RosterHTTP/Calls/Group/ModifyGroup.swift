import HTTPTypes
import RosterDirectory
import RosterModel

/// `POST /api/group/modifyGroup`: an addition to the vendor's API.
struct ModifyGroup: StoreCall {
    static let method = HTTPRequest.Method.post
    static let path = "/api/group/modifyGroup"
    static let action = "HpcGroupModifyGroupResponse"
    static let summary = "Changes the members of a group, or its name: all that is asked, or nothing."
    static let access = CallAccess.clusterAdministrator
    static let parameters =
        .cluster + [
            ParameterDescription(
                "group_name", .text(maximumBytes: 256), isRequired: true, example: "optics",
                meaning: "The name of the group."),
            ParameterDescription(
                "add_members", .names(maximum: 1000), example: "zhang",
                meaning: "The names of users who join the group."),
            ParameterDescription(
                "remove_members", .names(maximum: 1000), meaning: "The names of users who leave the group."),
            ParameterDescription(
                "add_member_groups", .names(maximum: 1000),
                meaning: "The names of groups of the cluster whose members become members of the group."),
            ParameterDescription(
                "remove_member_groups", .names(maximum: 1000),
                meaning: "The names of groups whose members are no members by that any more."),
            ParameterDescription(
                "add_member_names", .names(maximum: 1000),
                meaning: "Names that become members and are no user's, as accounts that only nodes know."),
            ParameterDescription(
                "remove_member_names", .names(maximum: 1000), meaning: "Such names that leave the group."),
            ParameterDescription(
                "new_group_name", .text(maximumBytes: 256),
                meaning: "Another name; the gid and the members stay. The cluster's own group may be renamed too."),
        ]

    let handler: GroupCommandHandler

    func perform(_ request: AuthenticatedRequest) async throws(RosterError) -> JobID {
        let body = try CommandBody(request)
        let cluster = try body.cluster()
        let name = try body.text("group_name")
        let modification = GroupModification(
            users: try names("members", in: body), groups: try names("member_groups", in: body),
            names: try names("member_names", in: body),
            newName: body.json.members["new_group_name"] == nil ? nil : try body.text("new_group_name"))
        guard !modification.isEmpty else {
            throw .invalid("add_members", "give names there or in another list of members, or new_group_name")
        }
        return try await handler.execute(
            .modify(name: name, modification), cluster: cluster, zone: body.zone, by: request.actor)
    }

    private func names(_ list: String, in body: CommandBody) throws(RosterError) -> GroupModification.Names {
        .init(adding: try body.json.names("add_" + list), removing: try body.json.names("remove_" + list))
    }
}
