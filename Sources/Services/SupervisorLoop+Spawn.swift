import Glibc
import SystemPackage

extension SupervisorLoop {
  /// Starts the process of a plan under its user, in its folders.
  func spawn(_ plan: ProcessPlan) throws(ServicesError) -> ChildProcess {
    let account = try account(plan.user)
    var environment = try makeFolders(plan, owner: account).merging(plan.environment) { $1 }
    environment.merge(identity(account)) { $1 }
    if plan.countsBoots { environment[ProcessPlan.bootIDVariable] = bootID }
    var command = plan.command.map { expand($0, environment) }
    if !plan.isAgent, paths.root != "/" { command += ["--root", paths.root.string] }
    return try spawn(
      ChildProcess.Launch(
        path: onHost(command[0]), arguments: [onHost(command[0])] + command.dropFirst(), environment: environment,
        directory: plan.directory.map { paths.host($0).string }, output: settings.output, account: account,
        ownNetwork: plan.offline, noNewPrivileges: plan.noNewPrivileges, umask: plan.umask))
  }

  /// Starts a signer for one connection, as the supervisor's user: root, unless nothing is.
  func spawnSigner(_ connection: Int32) throws(ServicesError) -> ChildProcess {
    let command = SignerLimits.command(paths) + (paths.root == "/" ? [] : ["--root", paths.root.string])
    return try spawn(
      ChildProcess.Launch(
        path: onHost(command[0]), arguments: [onHost(command[0])] + command.dropFirst(), environment: identity(nil),
        input: connection, output: settings.output, ownNetwork: true, umask: 0o777))
  }

  func spawn(_ job: TransientJob, output: Int32) throws(ServicesError) -> ChildProcess {
    guard let program = job.command.first else { throw ServicesError(.malformed, "a job without a command") }
    let account = try account(job.user)
    let environment = job.environment.merging(identity(account)) { $1 }
    return try spawn(
      ChildProcess.Launch(
        path: onHost(program), arguments: [onHost(program)] + job.command.dropFirst(), environment: environment,
        directory: job.directory.map(onHost), output: output, account: account, ownNetwork: job.offline))
  }

  /// Where namespaces are forbidden (most containers), users still keep the processes apart.
  private func spawn(_ launch: ChildProcess.Launch) throws(ServicesError) -> ChildProcess {
    var launch = launch
    launch.ownNetwork = launch.ownNetwork && isolation == .full
    do {
      return try ChildProcess(launch)
    } catch  where error.code == .refused && launch.ownNetwork {
      settings.log("\(error.message); going on without network namespaces")
      isolation = .users
      launch.ownNetwork = false
      return try ChildProcess(launch)
    }
  }

  /// The account to take on; nil: stay what we are.
  func account(_ name: String?) throws(ServicesError) -> Account? {
    guard isolation != .none, let name, name != "root" else { return nil }
    return try Account.find(name, etc: paths.host("/etc"))
  }

  private func identity(_ account: Account?) -> [String: String] {
    var result = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"]
    if let account {
      result["USER"] = account.name
      result["LOGNAME"] = account.name
      result["HOME"] = account.home
    }
    return result
  }

  /// Makes the plan's folders and returns the variables that name them.
  private func makeFolders(_ plan: ProcessPlan, owner: Account?) throws(ServicesError) -> [String: String] {
    var variables: [String: String] = [:]
    for folder in plan.folders {
      let path = paths.host(FilePath(folder.kind.base).appending(folder.name))
      try FolderMaker.make(path, below: paths.root, mode: mode_t(folder.mode), owner: owner)
      variables[folder.kind.variable] = (variables[folder.kind.variable].map { $0 + ":" } ?? "") + path.string
    }
    return variables
  }

  /// A program of the product lies below the root; others are the host's.
  private func onHost(_ path: String) -> String {
    path.hasPrefix(paths.opt.string + "/") || path.hasPrefix(paths.state.string + "/")
      ? paths.host(FilePath(path)).string : path
  }

  /// Replaces `${RUNTIME_DIRECTORY}` and its like, as systemd does in a command line.
  private func expand(_ word: String, _ environment: [String: String]) -> String {
    ServiceFolder.Kind.allCases.reduce(word) { text, kind in
      text.split(separator: "${\(kind.variable)}", omittingEmptySubsequences: false)
        .joined(separator: environment[kind.variable] ?? "")
    }
  }
}
