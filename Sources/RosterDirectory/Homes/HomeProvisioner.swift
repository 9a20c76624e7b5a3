import Dispatch
package import RosterModel
import RosterSnapshot
import RosterStore
import Synchronization

/// Makes the homes of added users, one after the other, beside everything else. A job whose home is not made yet is
/// pending in the operation log; what a crash leaves pending is taken up at the next start.
package final class HomeProvisioner: Sendable {
    private let directory: Directory
    private let maker: any HomeCreating
    private let tasks: AsyncStream<Step>
    private let waiting: AsyncStream<Step>.Continuation
    /// The jobs that wait or run here.
    private let known = Mutex<Set<JobID>>([])
    /// Whether the log will be looked through, and was not yet.
    private let isSeekWaiting = Mutex(false)
    /// The file system may be slow or hang: it keeps no thread of Swift's from its work.
    private let queue = DispatchQueue(label: "roster.homes")
    /// How many probes of each mount have not come back. A mount that hangs must not keep others from being probed.
    private let probes = Mutex<[String: Int]>([:])
    /// At most so many threads wait for one mount.
    private static let probesPerMount = 4

    struct HomeJob: Sendable {
        let id: JobID
        let cluster: ClusterID
        let user: HPCUserID
        /// A revision in which the user was there: only from this one on its absence means that it was removed.
        let revision: Revision
        /// How often the timeline had changed then: in another timeline, what is loaded is all there is.
        let timelineChanges: Int
    }

    private enum Step {
        case make(HomeJob)
        /// The log may hold pending jobs that nobody here knows of.
        case seek
    }

    package init(directory: Directory, maker: any HomeCreating) {
        self.directory = directory
        self.maker = maker
        (tasks, waiting) = AsyncStream.makeStream()
    }

    /// Where it cannot be told in two seconds whether something stands there, the user is added all the same, and the job's
    /// own step tells what is wrong.
    /// - Throws: `alreadyExists`, with the folder and its owner's number, where something stands at the home of a user to be
    ///   added that is not its own already.
    func checkIsFree(_ user: User) async throws(RosterError) {
        let home = Home(user)
        let outcome = await probe(home.mount) { maker in
            Result { () throws(HomeError) in try maker.owner(of: home) }
        }
        switch outcome {
        case .success(nil): return
        case .success(let owner?):
            guard owner != user.uidNumber else { return }
            throw RosterError(
                .alreadyExists,
                .user,
                "the folder \(home.path.sanitizedForDisplay(limit: 200)) stands there and belongs to uid \(owner); "
                    + "move it away first")
        // A mount that is away or hangs, say: the job's own step tells of it.
        case .failure: return
        }
    }

    /// Queues the home of an added user.
    /// - Parameters:
    ///   - revision: one in which the user was there; it may not be published yet.
    ///   - timelineChanges: how often the timeline had changed when that revision was made or read.
    func add(
        _ job: JobID, user: HPCUserID, cluster: ClusterID, addedAt revision: Revision, timelineChanges: Int
    ) {
        // A job of now may stand in the log already when `run` looks for what an earlier run left.
        if known.withLock({ $0.insert(job).inserted }) {
            waiting.yield(
                .make(
                    HomeJob(
                        id: job, cluster: cluster, user: user, revision: revision,
                        timelineChanges: timelineChanges)))
        }
    }

    /// Has the log looked through for jobs that are pending: a user may have been added by a command whose end was not known
    /// when it was answered.
    func rescan() {
        let wasWaiting = isSeekWaiting.withLock { isWaiting in
            defer { isWaiting = true }
            return isWaiting
        }
        if !wasWaiting { waiting.yield(.seek) }
    }

    /// Makes homes until the task is cancelled, those first that an earlier run of the program left pending. While the store
    /// is away it waits.
    package func run() async {
        await resumePending()
        for await step in tasks {
            switch step {
            case .make(let job): await execute(job)
            case .seek:
                isSeekWaiting.withLock { $0 = false }
                await resumePending()
            }
        }
    }

    private func resumePending() async {
        while !Task.isCancelled {
            // The users of the jobs are in every snapshot that is read after the log: they were committed together.
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

    /// All jobs that still wait for a home.
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
        await log(job, outcome, name: user?.username.text ?? "-")
    }

    /// A snapshot that has the user of the job unless it was removed, waited for as long as it takes; nil once the task is
    /// cancelled.
    private func snapshot(for job: HomeJob) async -> Snapshot? {
        while !Task.isCancelled {
            let (snapshot, timelineChanges) = directory.snapshotOfTimeline
            if snapshot.revision >= job.revision || timelineChanges != job.timelineChanges { return snapshot }
            do throws(RosterError) {
                try await directory.wait(for: job.revision, atMost: .seconds(2))
            } catch {
                // The store is away, or too many wait.
                try? await Task.sleep(for: Self.retryPause)
            }
        }
        return nil
    }

    /// Writes the end of a job into the log; again and again while the store is away, because nothing else would.
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
                // An end that was written is not written again.
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

    /// Asks the file system, and waits no longer than the command's caller should: two seconds.
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
    /// The home of `user`: mode 0700 where no other was asked for.
    init(_ user: User) {
        self.init(
            mount: user.nasMountPoint, path: user.homeDirectory, uidNumber: user.uidNumber, gidNumber: user.gidNumber,
            mode: user.mode ?? FileMode(bits: 0o700))
    }
}

/// Resumes a continuation with the first of several answers; the others come too late.
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
