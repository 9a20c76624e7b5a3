import Dispatch
package import RosterModel
import RosterSnapshot
import RosterStore
import Synchronization

/// Creates the homes of added users, one at a time, in the background. A job whose home does not exist yet is pending
/// in the operation log; jobs that a crash left pending resume at the next start.
package final class HomeProvisioner: Sendable {
    private let directory: Directory
    private let maker: any HomeCreating
    private let report: @Sendable (FailedHome) -> Void
    private let tasks: AsyncStream<Step>
    private let waiting: AsyncStream<Step>.Continuation
    /// The jobs queued or running here.
    private let known = Mutex<Set<JobID>>([])
    /// Whether a scan of the log is queued and has not begun.
    private let isRescanWaiting = Mutex(false)
    /// The file system may be slow or hang, so it gets its own thread instead of one of Swift's pool.
    private let queue = DispatchQueue(label: "roster.homes")
    /// How many probes of each mount are outstanding. A mount that hangs must not block probes of others.
    private let probes = Mutex<[String: Int]>([:])
    /// How many threads may wait for one mount.
    private static let probesPerMount = 4

    struct HomeJob: Sendable {
        let id: JobID
        let cluster: ClusterID
        let user: HPCUserID
        /// A revision that contains the user: only a snapshot of this or a later revision proves that the user was
        /// removed.
        let revision: Revision
        /// How often the timeline had changed by then. After another change, every snapshot counts, whatever its
        /// revision.
        let timelineChanges: Int
    }

    private enum Step {
        case make(HomeJob)
        /// The log may hold pending jobs that this process does not know.
        case rescan
    }

    /// A provisioner that creates homes with `maker`; `run` must be running.
    /// - Parameter report: called with each home that could not be made.
    package init(
        directory: Directory, maker: any HomeCreating, report: @escaping @Sendable (FailedHome) -> Void = { _ in }
    ) {
        self.report = report
        self.directory = directory
        self.maker = maker
        (tasks, waiting) = AsyncStream.makeStream()
    }

    /// Checks that nothing but the user's own folder exists at the home of a user to be added. If the file system does
    /// not answer in two seconds, or fails, the user is added anyway, and the job's own step reports what is wrong.
    /// - Throws: `alreadyExists`, with the folder and the uid of its owner, if something of another owner is there.
    func checkIsFree(_ user: User) async throws(RosterError) {
        let home = Home(user)
        switch await owner(of: home) {
        case .success(nil): return
        case .success(let owner?):
            guard owner != user.uidNumber else { return }
            throw RosterError(
                .alreadyExists,
                .user,
                "the folder \(home.path.sanitizedForDisplay(limit: 200)) stands there and belongs to uid \(owner); "
                    + "move it away first")
        // For example a mount that is away or hangs: the job's own step reports it.
        case .failure: return
        }
    }

    /// The owner of what stands at the home of `user`: no uid if nothing does, and an error if the file system does not
    /// answer in two seconds, or fails. Nil if this server makes no homes there.
    func owner(ofHomeOf user: User) async -> Result<UInt32?, HomeError>? {
        let home = Home(user)
        return maker.mayMake(home) ? await owner(of: home) : nil
    }

    private func owner(of home: Home) async -> Result<UInt32?, HomeError> {
        await probe(home.mount) { maker in
            Result { () throws(HomeError) in try maker.owner(of: home) }
        }
    }

    /// Queues the home of an added user.
    /// - Parameters:
    ///   - revision: one that contains the user; it may not be published yet.
    ///   - timelineChanges: how often the timeline had changed when that revision was made or read.
    func add(
        _ job: JobID, user: HPCUserID, cluster: ClusterID, addedAt revision: Revision, timelineChanges: Int
    ) {
        // When `run` scans the log for jobs of an earlier run, it may find a job that was just queued.
        if known.withLock({ $0.insert(job).inserted }) {
            waiting.yield(
                .make(
                    HomeJob(
                        id: job, cluster: cluster, user: user, revision: revision,
                        timelineChanges: timelineChanges)))
        }
    }

    /// Queues a scan of the log for pending jobs: a command whose outcome was unknown when it was answered may have
    /// added a user.
    func rescan() {
        let wasWaiting = isRescanWaiting.withLock { isWaiting in
            defer { isWaiting = true }
            return isWaiting
        }
        if !wasWaiting { waiting.yield(.rescan) }
    }

    /// Creates homes until the task is cancelled, starting with those that an earlier run left pending. Waits during an
    /// outage of the store.
    package func run() async {
        await resumePending()
        for await step in tasks {
            switch step {
            case .make(let job): await execute(job)
            case .rescan:
                isRescanWaiting.withLock { $0 = false }
                await resumePending()
            }
        }
    }

    private func resumePending() async {
        while !Task.isCancelled {
            // Every snapshot read after the log contains the users of the jobs: user and job were committed together.
            guard let pending = try? await pendingJobs(), let published = try? await directory.publishedNow() else {
                try? await Task.sleep(for: Self.retryPause)
                continue
            }
            for operation in pending {
                guard let cluster = operation.clusters.first,
                    let user = operation.resources.dropFirst().lazy.compactMap({ try? HPCUserID($0) }).first
                else { continue }
                add(
                    operation.id, user: user, cluster: cluster, addedAt: published.snapshot.revision,
                    timelineChanges: published.timelineChanges)
            }
            return
        }
    }

    /// All jobs that still wait for their home.
    private func pendingJobs() async throws(StoreError) -> [Operation] {
        var query = OperationQuery(scope: .all)
        query.status = .pending
        query.action = UserCommand.addAction
        query.limit = 10_000
        var jobs: [Operation] = []
        while true {
            let page = try await directory.operations(query).operations
            jobs += page
            guard page.count == query.limit else { return jobs }
            query.offset += page.count
        }
    }

    private static let retryPause = Duration.seconds(1)

    private func execute(_ job: HomeJob) async {
        let outcome: Result<String, HomeError>
        guard let snapshot = await snapshot(for: job) else { return }
        let user = snapshot.user(job.user, in: job.cluster)
        if let home = user.map({ Home($0) }) {
            outcome = await onQueue { maker in
                Result { () throws(HomeError) in
                    switch try maker.make(home) {
                    case .made: "made \(home.path)"
                    case .found: "found \(home.path)"
                    }
                }
            }
        } else {
            outcome = .failure(HomeError("not made, the user was deleted meanwhile"))
        }
        let name = user?.username.text ?? "-"
        if case .failure(let fault) = outcome {
            report(
                FailedHome(
                    job: job.id, cluster: job.cluster, name: name,
                    cause: fault.description.sanitizedForDisplay(limit: 500)))
        }
        await log(job, outcome, name: name)
    }

    /// A snapshot that contains the user of the job unless it was removed. Waits as long as necessary; nil once the
    /// task is cancelled.
    private func snapshot(for job: HomeJob) async -> Snapshot? {
        while !Task.isCancelled {
            let (snapshot, timelineChanges) = directory.snapshotOfTimeline
            if snapshot.revision >= job.revision || timelineChanges != job.timelineChanges { return snapshot }
            do throws(RosterError) {
                try await directory.wait(for: job.revision, atMost: .seconds(2))
            } catch {
                // The store is away, or too many callers wait.
                try? await Task.sleep(for: Self.retryPause)
            }
        }
        return nil
    }

    /// Writes the end of a job to the log. Retries while the store is away, because nothing else would write it.
    private func log(_ job: HomeJob, _ outcome: Result<String, HomeError>, name: String) async {
        var isInDoubt = false
        while !Task.isCancelled {
            if isInDoubt, await isEnded(job) { return forget(job) }
            var event = OperationEvent(
                job: job.id, time: directory.now, action: UserCommand.addAction, submitter: "roster", origin: "local",
                clusters: [job.cluster], resources: [CommandExecutor.word(name), job.user.text], status: .successful)
            switch outcome {
            case .success(let text): event.message = "directory: added; home: \(text.sanitizedForDisplay(limit: 500))"
            case .failure(let fault):
                event.status = .failed
                event.error = .internalError
                event.message = "directory: added; home: \(fault.description.sanitizedForDisplay(limit: 500))"
            }
            var change = Change(time: directory.now)
            change.events = [event]
            do throws(StoreError) {
                try await directory.commit(change)
                return forget(job)
            } catch .uncertain {
                // The event may have been written already; check before writing it again.
                isInDoubt = true
            } catch {}
            try? await Task.sleep(for: Self.retryPause)
        }
    }

    private func isEnded(_ job: HomeJob) async -> Bool {
        var query = OperationQuery(scope: .all)
        query.jobs = [job.id]
        guard let page = try? await directory.operations(query) else { return false }
        return page.operations.contains { $0.status != .pending }
    }

    private func forget(_ job: HomeJob) {
        known.withLock { _ = $0.remove(job.id) }
    }

    /// Queries the file system, but for no longer than the caller of a command should wait: two seconds.
    private func probe(
        _ mount: String, _ work: @escaping @Sendable (any HomeCreating) -> Result<UInt32?, HomeError>
    ) async -> Result<UInt32?, HomeError> {
        let noAnswer = HomeError("the file system does not answer")
        let isAdmitted = probes.withLock { probes in
            guard probes[mount, default: 0] < Self.probesPerMount else { return false }
            probes[mount, default: 0] += 1
            return true
        }
        guard isAdmitted else { return .failure(noAnswer) }
        return await withCheckedContinuation { continuation in
            let result = OneShotContinuation(continuation)
            DispatchQueue.global().async { [self] in
                result.resume(returning: work(maker))
                probes.withLock { probes in
                    probes[mount, default: 0] -= 1
                    if probes[mount] == 0 { probes[mount] = nil }
                }
            }
            DispatchQueue.global().asyncAfter(deadline: .now() + 2) { result.resume(returning: .failure(noAnswer)) }
        }
    }

    private func onQueue<Value: Sendable>(_ work: @escaping @Sendable (any HomeCreating) -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { [maker] in continuation.resume(returning: work(maker)) }
        }
    }
}

extension Home {
    /// The home of `user`, with mode 0700 by default.
    init(_ user: User) {
        self.init(
            mount: user.nasMountPoint, path: user.homeDirectory, uidNumber: user.uidNumber, gidNumber: user.gidNumber,
            mode: user.mode ?? FileMode(bits: 0o700))
    }
}

/// Resumes a continuation with the first of several answers and ignores the others.
private final class OneShotContinuation<Value: Sendable>: Sendable {
    private let continuation: Mutex<CheckedContinuation<Value, Never>?>

    init(_ continuation: CheckedContinuation<Value, Never>) {
        self.continuation = Mutex(continuation)
    }

    func resume(returning value: Value) {
        let waiting = continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
        waiting?.resume(returning: value)
    }
}
