extension Sandbox {
  /// What no process of the updater needs.
  static let common = Sandbox([
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "DevicePolicy": "closed",
    "PrivateIPC": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectControlGroups": "yes",
    "ProtectClock": "yes",
    "ProtectHostname": "yes",
    "ProtectProc": "invisible",
    "NoNewPrivileges": "yes",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "SystemCallArchitectures": "native",
    "SystemCallErrorNumber": "EPERM",
    "KeyringMode": "private",
    "RemoveIPC": "yes",
  ])

  /// fetch meets the network, so it may do nothing but write its own folder. It does without openat2, which
  /// RestrictSUIDSGID= answers with ENOSYS.
  public static func fetch(_ paths: UnitPaths) -> Sandbox {
    Sandbox(
      common.settings
        + Sandbox([
          "PrivateUsers": "yes",
          "ProcSubset": "pid",
          "RestrictSUIDSGID": "yes",
          "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX AF_NETLINK",
          "SystemCallFilter": "@system-service",
          "SystemCallFilter": "~@privileged @resources",
          // The Swift runtime sets priorities of threads, which does nothing here, instead of complaining in the journal.
          "SystemCallFilter": "~setpriority:0",
          "CapabilityBoundingSet": "",
          "AmbientCapabilities": "",
          "UMask": "0007",
          "InaccessiblePaths":
            "-\(paths.configuration.appending("enrolment.key")) -\(paths.state.appending("trusted"))",
        ]).settings)
  }

  /// What evaluates proxy scripts has nothing but the socket it was started with, and gives up the rest itself before it
  /// reads one: these lines stand behind its own filter.
  public static let pac = Sandbox(
    common.settings
      + Sandbox([
        "DynamicUser": "yes",
        "PrivateUsers": "yes",
        "ProcSubset": "pid",
        "PrivateNetwork": "yes",
        "IPAddressDeny": "any",
        "RestrictAddressFamilies": "none",
        "RestrictSUIDSGID": "yes",
        "SystemCallFilter": "@system-service",
        "SystemCallFilter": "~@privileged",
        "SystemCallFilter": "~setpriority:0",
        "CapabilityBoundingSet": "",
        "AmbientCapabilities": "",
        "MemoryMax": "192M",
        "TasksMax": "4",
        "LimitCORE": "0",
        "UMask": "0777",
      ]).settings)

  /// What has the TPM reads one key of root's and has no network. It keeps one capability, for the TPM's file belongs to a
  /// user and a group that a device need not have by name (tss).
  public static let signer = Sandbox(
    common.settings
      + Sandbox([
        "DeviceAllow": "/dev/tpmrm0 rw",
        "ProcSubset": "pid",
        "PrivateNetwork": "yes",
        "IPAddressDeny": "any",
        "RestrictAddressFamilies": "AF_UNIX",
        "RestrictSUIDSGID": "yes",
        "SystemCallFilter": "@system-service",
        "SystemCallFilter": "~@privileged @resources",
        "SystemCallFilter": "~setpriority:0",
        "CapabilityBoundingSet": "CAP_DAC_OVERRIDE",
        "AmbientCapabilities": "",
        "MemoryMax": "64M",
        "TasksMax": "16",
        "LimitCORE": "0",
        "UMask": "0777",
      ]).settings
  ).replacing("PrivateDevices", with: "no")

  /// apply and prove write versions, state and units, and talk to nobody but systemd. PrivateUsers= takes root's override
  /// away, so fetch's group opens fetch's folder to them. ProcSubset= stays at `all`: uptime is read.
  public static func apply(_ paths: UnitPaths) -> Sandbox {
    Sandbox(
      common.settings + offline(paths).settings
        + Sandbox([
          "PrivateUsers": "yes",
          "SupplementaryGroups": paths.id.fetchUser,
          "SystemCallFilter": "@system-service",
          "SystemCallFilter": "~@privileged @resources",
          // The Swift runtime sets priorities of threads, which does nothing here, instead of complaining in the journal.
          "SystemCallFilter": "~setpriority:0",
          "CapabilityBoundingSet": "",
        ]).settings)
  }

  /// recover and rescue also clear away what a hostile fetch has planted, whoever owns it and whatever its mode, and at
  /// boot, when nothing runs as the agent's user, they rename its data folders.
  public static func recover(_ paths: UnitPaths) -> Sandbox {
    Sandbox(
      common.settings + offline(paths).settings
        + Sandbox([
          "SystemCallFilter": "@system-service",
          "SystemCallFilter": "~@resources",
          "SystemCallFilter": "~setpriority:0",
          "CapabilityBoundingSet": "CAP_DAC_OVERRIDE CAP_FOWNER",
          "ReadWritePaths": "-/var/lib/\(paths.id)",
        ]).settings)
  }

  private static func offline(_ paths: UnitPaths) -> Sandbox {
    Sandbox([
      // A folder that is missing must not be what keeps recover from running.
      "ReadWritePaths": "-\(paths.opt) -\(paths.state) -\(paths.units)",
      "PrivateNetwork": "yes",
      "IPAddressDeny": "any",
      "RestrictAddressFamilies": "AF_UNIX",
      "ProcSubset": "all",
      "UMask": "0022",
    ])
  }
}
