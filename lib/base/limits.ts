import { hourMs, minuteMs, secondMs } from './clock.ts';

/**
 * Every bound of the program, by name, in one place. A bound has its unit last and a comment that says
 * why it has this value or where it comes from. Rooms add theirs in their own section.
 */
export const limits = {
  /** One blob of a manifest tree; larger files are reported and skipped. */
  manifestBytesMax: 8 * 1024 * 1024,

  // store: memory in front of SQLite.
  /** Events kept for watches that start late: some minutes of a busy machine; older ones list again. */
  storeRingEventsMax: 16_384,
  /** The bytes those events may hold on to. */
  storeRingBytesMax: 8 * 1024 * 1024,
  /** Paged lists held at once, and entries held by all of them (references, not copies). */
  storePinnedListsMax: 64,
  storePinnedEntriesMax: 400_000,
  /** One transaction on disk: small enough that the writers behind it do not wait long. */
  storeGroupBatchesMax: 1_000,
  storeGroupBytesMax: 8 * 1024 * 1024,
  /** Appends waiting for the disk; more are refused as if it were full. */
  storeQueuedBatchesMax: 50_000,
  storeQueuedBytesMax: 256 * 1024 * 1024,
  /** Entries a message from the store's thread while it loads. */
  storeLoadChunkEntries: 1_000,

  // api: Kubernetes semantics over the store.
  /** Objects kept parsed beside their bytes; half of them may be of an older generation. */
  apiParsedObjectsMax: 2_048,
  /** One object as it is kept. Source: the apiserver's bound of a request body. */
  apiObjectBytesMax: 3 * 1024 * 1024,
  /** One of our own records: a source with a hundred thousand objects that are left alone, each with its reason. */
  apiRecordBytesMax: 64 * 1024 * 1024,
  /** Pods there can be: a hundred times what one node runs. */
  apiPodsMax: 11_000,
  /** Objects of one list looked at before others have their turn: some 40 ms where they have to be parsed. */
  apiListedPerTurn: 1_000,
  /** Objects one informer lists in a page. */
  informerPageObjects: 500,
  /** Objects garbage collection deletes before it lets others run. */
  garbageBatchObjects: 200,

  // --- manifests -------------------------------------------------------------------------------------------
  /** All manifests of one tree, and their objects: some twenty times as much of memory. */
  manifestSetBytesMax: 64 * 1024 * 1024,
  manifestSetObjectsMax: 100_000,
  /** Files read at once before it is looked at how much they were. */
  manifestReadFilesMax: 128,
  /** Nesting of one document. Real manifests stay below 30; deeper ones are refused before any recursion. */
  manifestDepthMax: 128,
  /** Nodes that aliases may add to one file: an alias bomb ends here. */
  manifestAliasNodesMax: 50_000,
  /** Files up to this size are parsed again by the exact parser (2 MB/s) when something is wrong in them. */
  manifestExactBytesMax: 2 * 1024 * 1024,
  /** Parsed files one ParseCache keeps, the least recently used go first. */
  parseCacheFilesMax: 50_000,
  /** Problems reported for one file; one more says how many were left out. */
  manifestFileProblemsMax: 100,
  /** Missing references for which a likely name is looked for, and the names compared for each. */
  referenceHintsMax: 200,
  referenceHintCandidatesMax: 1_000,
  /** Blocked objects whose place in their file is looked up for a plan: each parses its file once more. */
  placedBlocksMax: 50,
  /** What one object waits for by annotation: more would make every plan long. */
  dependenciesPerObjectMax: 64,
  /** References that lead nowhere, as a daemon tells them; one more says how many were left out. */
  referenceWarningsMax: 200,
  /** Files one validate reads, and directories within directories it goes into. */
  validateFilesMax: 200_000,
  validateDirectoriesDeepMax: 64,
  /** Characters of a source line that a problem quotes. */
  problemLineCharsMax: 200,

  // controllers and scheduler.
  /** Keys a controller works on at once: enough to overlap durable writes, few enough to stay fair. */
  controllerWorkersMax: 4,
  /** Pods one pass over a ReplicaSet creates or deletes. Source: upstream's BurstReplicas. */
  replicaSetBurstMax: 500,
  /** Pods one pass over a DaemonSet creates, and deletes. Source: upstream's BurstReplicas. */
  daemonSetBurstMax: 250,
  /** Pods one pass over a parallel StatefulSet creates, or deletes. */
  statefulSetBurstMax: 500,
  /** Nodes on which pods of DaemonSets failed lately, as the back-off remembers them; beyond it the oldest is forgotten. */
  daemonSetBackOffsMax: 10_000,
  /** Source: upstream's slow start; doubles with every batch that went well. */
  slowStartBatchMin: 1,
  /** Endpoints to a slice, and addresses an Endpoints object lists. Source: upstream's defaults. */
  endpointsPerSliceMax: 100,
  endpointsAddressesMax: 1_000,
  /** Characters of a ReplicaSet's list of former revisions. Source: upstream. */
  revisionHistoryCharsMax: 2_000,
  /** An eviction whose pod changes under it is begun again so often: its node writes the pod's status once or twice a second. */
  evictionTriesMax: 5,
  /** Hash collisions resolved in one pass; each is a name taken by a ReplicaSet of another template. */
  hashCollisionsMax: 100,
  /** Pods of a Job one pass counts, deletes or creates. Source: upstream's MaxUncountedPods and MaxPodCreateDeletePerSync. */
  jobPodsPerPassMax: 500,
  /** More missed runs of a CronJob than this are told of. Source: upstream's cronjob utils. */
  cronMissedRunsWarned: 100,
  /** Pods bound in one transaction. */
  bindingsPerTransactionMax: 100,
  /** Pods decided in one pass, before what else there is to do has its turn. */
  schedulerPassPodsMax: 100,
  /** Counts of pods by domain that are kept from one decision to the next; beyond it the oldest is counted anew. */
  schedulerCountersMax: 4_000,
  /** Groups of pods that are remembered; beyond it they are worked out anew. */
  schedulerGroupsMax: 10_000,
  /** Nodes that can take a pod: so many are looked for at least, and all of them in a smaller cluster. Source: upstream. */
  schedulerFeasibleNodesMin: 100,
  /** Share of the nodes in percent, at most, and at least, however many there are. Source: upstream. */
  schedulerFeasiblePercentMax: 50,
  schedulerFeasiblePercentMin: 5,
  /** Nodes whose pods are considered for preemption: at least so many, and this share. Source: upstream. */
  preemptionCandidatesMin: 100,
  preemptionCandidatesPercent: 10,
  /** Events of one source about one object at once, and alike but for their message. Source: client-go events_cache. */
  eventBurstMax: 25,
  eventSimilarMax: 10,
  /** What the recorder remembers, and what waits to be written; more are dropped. Source: client-go's cache of 4096. */
  eventCorrelatorEntriesMax: 4_096,
  eventQueueMax: 1_000,
  /** Names tried for one event: as many as components that may tell of an object at once, and some. */
  eventNameTriesMax: 16,
  /** Characters of an event's message. Source: events validation. */
  eventMessageCharsMax: 1_024,

  // Runtime: the node agent and its probes, hooks and volumes.
  /** How often the processes of a command are looked for that are to be killed: what they start meanwhile is found the next time. */
  killRoundsMax: 50,
  /** Pods of one node. Source: kubelet. */
  podsPerNodeMax: 110,
  /** Runs of a pod's containers that count when its disk usage is measured: the earlier ones are removed soon. */
  podRunsMeasuredMax: 200,
  /** Nodes of one machine: each has a timer and a listener for pods. */
  nodesMax: 64,
  /** Termination message of one container. Source: kubelet. */
  terminationMessageBytesMax: 4096,
  /** Of all containers of a pod, shared alike. Source: kubelet. */
  podTerminationMessageBytesMax: 12 * 1024,
  /** Tail of the log that stands in for a termination message. Source: kubelet. */
  fallbackLogBytesMax: 2048,
  fallbackLogLinesMax: 80,
  /** What is read of a probe's answer. Source: kubelet. */
  probeBodyBytesMax: 10 * 1024,
  /** Redirects one http probe follows. Source: Go's client, which the kubelet uses. */
  probeRedirectsMax: 10,
  /** Files of one volume: more than a ConfigMap of a mebibyte can sensibly hold. */
  volumeFilesMax: 4096,
  /** All files of one volume: a projected volume of many one-mebibyte sources. */
  volumeBytesMax: 16 * 1024 * 1024,
  /** Looks for the terminal of an exec: some seconds of a busy machine. */
  terminalLooksMax: 500,
  /** Names of pull secrets that are not there, in one event. */
  missingPullSecretsTold: 5,
  /** A seccomp profile of the machine's owner: several times the longest there is. */
  seccompProfileCharsMax: 1024 * 1024,
  /** An image's /etc/passwd or /etc/group. */
  imageAccountsBytesMax: 1024 * 1024,
  /** How deep below /dev, and how many, devices are looked for. */
  deviceDepthMax: 4,
  devicesMax: 4096,
  /** Files one program of a container may have open; it may raise the one to the other. Source: container engines' default. */
  containerOpenFilesSoftMax: 65_536,
  containerOpenFilesHardMax: 1_048_576,
  /** Steps a pod's worker takes before it lets others run and looks again. */
  podStepsMax: 64,

  // Companions: the agent and the Service proxy, processes of ours that outlive the daemon.
  /** One message: the start of a container with a megabyte of environment, a table of thousands of Services. */
  companionFrameBytesMax: 16 * 1024 * 1024,
  /** Connections to one companion; each exec holds one. */
  companionPeersMax: 256,
  /** Requests of one connection that wait for an answer. */
  companionRequestsMax: 4096,
  /** A companion's own log is emptied at its start when it is larger. */
  companionLogBytesMax: 1024 * 1024,
  /** Attempts to take over a directory's lock: each one lost means another process made progress. */
  lockAttemptsMax: 32,

  // schema.
  /** Nesting of one object, as it comes from a file or a request: below any stack's end, above any real object. */
  objectDepthMax: 200,
  /** Findings reported for one object; one more says that there are others. */
  objectFindingsMax: 100,
  /** All keys and values of an object's annotations. Source: apimachinery validation. */
  annotationsBytesMax: 256 * 1024,
  /** What one pod says of others: terms of affinity, required and preferred, together; constraints of spreading. */
  podTermsMax: 64,
  /** The data of a ConfigMap or Secret. Source: core v1 MaxSecretSize. */
  configDataBytesMax: 1024 * 1024,

  // schema: what comes and goes over the wire.
  /** Values of one protobuf body: above any object of three megabytes, below what would fill the memory. */
  protobufValuesMax: 500_000,
  /** Columns that one version of a custom resource prints, and characters of the path of one. */
  printerColumnsMax: 100,
  printerColumnCharsMax: 1_000,
  /** Entries of managedFields that are read, and managers that update before the oldest become one. Source: apiserver. */
  managedFieldsEntriesMax: 1_000,
  updateManagersMax: 10,
  /** Characters of a manager's name. Source: metav1 validation. */
  managerNameCharsMax: 128,
  // schema: custom resources.
  /** Characters of a `pattern`, groups within groups, and steps it is made of. Source: RE2's bounds are near. */
  patternCharsMax: 10_000,
  patternDepthMax: 250,
  patternStepsMax: 20_000,
  /** Steps times characters of one text: some 200 ms at the very worst. */
  patternWorkMax: 20_000_000,
  /** Nodes of all schemas of one definition; the largest real ones have some 10,000. */
  structuralNodesMax: 50_000,
  /** Errors that one value of a custom resource is told of. */
  customFindingsMax: 100,
  /** Fields a version may let objects be selected by. Source: apiextensions validation. */
  selectableFieldsMax: 8,
  /** The descriptions of all types and fields, unpacked: some 700 KiB today. */
  descriptionsBytesMax: 16 * 1024 * 1024,

  // schema: patches of requests.
  /** Source: apiserver's maxJSONPatchOperations. */
  jsonPatchOperationsMax: 10_000,
  /** What all copies of one patch may add up to: each may double the document. */
  jsonPatchCopiedCharsMax: 3 * 1024 * 1024,
  // schema: texts of values, which come from anywhere.
  /** Digits and suffix of a quantity. */
  quantityCharsMax: 128,
  /** The exponent of a quantity (1e64): larger ones would cost memory, and no machine holds the amount. */
  quantityExponentMax: 64,
  /** Label and field selectors come with every request. */
  selectorCharsMax: 64 * 1024,
  /** Requirements of one selector: a watch looks at all of them for every change. */
  selectorRequirementsMax: 256,
  cronScheduleCharsMax: 512,
  /** How far ahead a schedule's next time is looked for: 31 April never comes. Source: robfig/cron. */
  cronSearchYearsMax: 5,
  /** Above what five years of mismatching months, days and hours take. */
  cronSearchStepsMax: 100_000,
  goDurationCharsMax: 128,
  timeZoneCharsMax: 64,
  /** Zones kept once read: each holds some 50 KiB of ICU, and a repository uses few of the 600. */
  timeZonesKnownMax: 100,

  // Daemon: the loop from git to live and back.
  /** Fields whose healing is counted; a field beyond is healed without counting. */
  healedFieldsMax: 10_000,
  /** Healed so often within `healWindowMs`, a field is left alone until the window has passed. */
  healsBeforeBackoff: 5,
  /** A pass that changes of live ask for waits this many times as long as the last one took. */
  passRestFactor: 3,
  /** Rows marked good at a stretch: some 30 ms. */
  rowsPerTransaction: 500,
  /** Plans tried for one pass when live moves under them; the next pass goes on. */
  planAttemptsMax: 8,
  /** Objects that the API refuses found in one attempt, each by one transaction without effect; the next finds more. */
  refusalsPerAttemptMax: 100,
  /** Objects whose references are looked over before others run: some 5 ms. */
  referenceStepsPerTurn: 250,
  /** Fields of one object, and errors of manifests, that a plan shows to people; the rest is counted. */
  planFieldsShownMax: 40,
  planErrorsShownMax: 40,
  /** The target of a symbolic link. Source: Linux's PATH_MAX. */
  symlinkBytesMax: 4096,
  /** Branches named when the one asked for is not there. */
  branchesNamedMax: 10,
  /** Entries of `pintle history`. */
  historyEntriesMax: 100,
  /** Events a status report carries, newest first. */
  reportedEventsMax: 50,
  /** Tries at publishing one status commit when others move the branch. */
  statusPublishAttemptsMax: 5,
  /** Files of a status commit rendered before others have their turn: some 5 ms. */
  statusFilesPerTurn: 50,
  /** Commits read to find where a status branch was left. */
  commitsReadMax: 200,
  /** The daemon's log is put aside when it is larger. */
  daemonLogBytesMax: 32 * 1024 * 1024,
  /** Body of one request on the control socket. */
  controlBodyBytesMax: 1024 * 1024,
  /** Connections to the control socket. */
  controlConnectionsMax: 64,

  // git.
  /** One tree object: 250,000 names of one directory. */
  treeObjectBytesMax: 16 * 1024 * 1024,
  /** One commit or tag with its message. */
  commitObjectBytesMax: 4 * 1024 * 1024,
  /** Files of one listing, and directories; more than any repository of manifests, less than a tree bomb. */
  treeFilesMax: 200_000,
  treeDepthMax: 128,
  /** Entries of parsed trees kept: some 15 MB, three listings of 30,000 files. */
  treeCacheEntriesMax: 100_000,
  /** Steps of `main~N^^`, all of them together. */
  revisionStepsMax: 10_000,
  logCommitsMax: 10_000,
  /** Requests written to git cat-file at once: 65 bytes each at most fit into a pipe's 64 KiB. */
  catFileBatchMax: 512,
  /** What one git command may write: 100,000 references. */
  gitOutputBytesMax: 32 * 1024 * 1024,
  /** The end of what git says on stderr that is kept. */
  gitMessageBytesMax: 8 * 1024,
  /** From here on, new objects are written as one pack. Source: git's transfer.unpackLimit. */
  looseObjectsMax: 100,
  /** New objects compressed, and paths of an edited tree worked through, before others have their turn: some 5 ms. */
  packedPerTurn: 200,
  /** References of one remote; each may be compared at every poll. */
  remoteRefsMax: 100_000,
  /** Fetches tried when the remote's branches move away meanwhile. */
  fetchAttemptsMax: 3,
  /** Packs are held in memory whole where git is not installed; larger repositories need git. */
  isomorphicPackBytesMax: 512 * 1024 * 1024,
  /** Packs of a mirror (each fetch adds one) after which it is made anew, where no git can gather them. */
  isomorphicPacksMax: 200,
  /** Objects read before the caches of packs, which never shrink, are let go. */
  isomorphicReadsMax: 50_000,
  /** Commits an ancestry question looks at where git is not installed. */
  ancestryCommitsMax: 100_000,
  /** References that may name one another. Source: git. */
  symbolicRefsMax: 5,

  // Runtime: the agent and the keepers.
  /** A stream's log is rotated at this size; so many files are kept, the current one too. Source: kubelet. */
  logFileBytesMax: 10 * 1024 * 1024,
  logFilesMax: 5,
  /** Processes and threads of one pod, where it has a user of its own: an eighth of what a kernel has by default. */
  podProcessesMax: 4096,
  /** What one rotation copies: what a program can write between two looks; of more only the end is kept. */
  logRotatedBytesMax: 64 * 1024 * 1024,
  /** Looks at whether a frozen group stands still; 0.2 ms apart. */
  freezeLooksMax: 250,
  /** Of what a launcher that failed said last. */
  launcherWordsMax: 1_000,
  /** Containers one agent holds: what 110 pods have, many times over. */
  containersMax: 10_000,
  /** Of so many pods the places are made at one time, and so many containers launched: more would only stand in each other's way. */
  podStartsAtOnce: 8,
  /** Rounds of killing what a container left behind; each finds only what was forked since the one before. */
  sweepRoundsMax: 50,
  /** Bytes a reader of logs takes from one stream at a time. */
  logReadBytes: 64 * 1024,
  /** A longer line is cut in lines of this length. */
  logLineBytesMax: 256 * 1024,
  /** Looks, a millisecond apart, at logs that are being rotated, before what is there is taken as it is. */
  logLooksMax: 1_000,
  /** Lines `tailLines` can ask for; more means all. */
  logTailLinesMax: 1_000_000,
  /** Addresses tried, and ports tried, before a sandbox is refused. */
  sandboxPortAttemptsMax: 200,

  // Runtime: static pods.
  staticFilesMax: 500,
  /** An object of the API is no larger. */
  staticFileBytesMax: 1024 * 1024,

  // Runtime: metrics of the pods' own.
  /** One answer of a metrics endpoint; what is larger is refused. A large exporter says some hundred KiB. */
  metricBodyBytesMax: 4 * 1024 * 1024,
  metricLineCharsMax: 8 * 1024,
  metricSamplesPerScrapeMax: 5_000,
  metricLabelsMax: 64,
  metricNameCharsMax: 200,
  /** Values that are kept of all pods of a node, each with its last few scrapes: some 40 MiB. What comes after is not taken up. */
  metricSeriesPerNodeMax: 50_000,
  /** Of their names and labels: a label may be as long as a line. */
  metricCharsPerNodeMax: 16 * 1024 * 1024,
  /** A value beyond it, either way, is no measurement: sums of such would be infinite, and no quantity says that. */
  metricValueMax: 1e24,
  /** Endpoints asked at once. */
  metricScrapesAtOnce: 8,
  /** Names of metrics that discovery lists. */
  metricNamesListedMax: 2_000,

  // Runtime: pods on Linux.
  /** Links on the way to one subPath. Source: Linux. */
  symlinksMax: 40,
  /** What all pods together may have in volumes that are in memory alone (secrets, tokens). */
  secretMemoryBytesMax: 256 * 1024 * 1024,

  // Runtime: images.
  /** A manifest, an index or a configuration. Source: registries refuse manifests of more than 4 MiB. */
  imageDocumentBytesMax: 4 * 1024 * 1024,
  /** Layers of one image. Source: Docker; what overlayfs takes in one page of options. */
  imageLayersMax: 127,
  /** Manifests of one index: platforms, and what is attested of each. */
  imageIndexManifestsMax: 1_000,
  /** Texts of one list of a configuration (variables, arguments). */
  imageConfigTextsMax: 10_000,
  /** One layer as it is sent, unpacked, and its entries: the largest real ones (models, toolkits), some times over. */
  imageBlobBytesMax: 32 * 1024 * 1024 * 1024,
  imageLayerBytesMax: 128 * 1024 * 1024 * 1024,
  imageLayerEntriesMax: 1_000_000,
  /** One extended header of a tar file: names of 4 KiB, attributes of 64 KiB. */
  imageTarHeaderBytesMax: 1024 * 1024,
  /** Symbolic links followed for one name. Source: Linux. */
  imageSymlinksMax: 40,
  /** Characters of a name. Source: PATH_MAX. */
  imagePathCharsMax: 4_096,
  /** Images pulled at once; more wait. Each is a process, and layers of one are fetched so many at a time. */
  imagePullsMax: 3,
  imageFetchesMax: 3,
  /** Pulls that wait for their turn. */
  imagePullsWaitingMax: 1_000,
  /** Tries of one request to a registry, and hops of one redirect. */
  registryAttemptsMax: 4,
  registryRedirectsMax: 5,
  /** What a registry may answer in headers, and as an error or a token. */
  registryHeaderBytesMax: 64 * 1024,
  registryTokenBytesMax: 1024 * 1024,
  /** Credentials tried for one image. */
  registryCredentialsMax: 20,
  /** A docker configuration: `~/.docker/config.json` or a pull secret. Source: a Secret has at most 1 MiB. */
  dockerConfigBytesMax: 1024 * 1024,
  /** What is left of a disk that images do not take: a part of it, this at most. */
  imageDiskReserveBytesMax: 64 * 1024 * 1024,
  imageDiskReservePart: 0.02,
  /** Disk use at which images are removed, and down to which. Source: kubelet's defaults. */
  imageGarbageHighPercent: 85,
  imageGarbageLowPercent: 80,
  /** Words of a tool or a registry, in a message. */
  imageWordsCharsMax: 500,
  /** Members of an archive that holds images, not those of its layers. */
  imageArchiveMembersMax: 100_000,

  // Network: the Service proxy.
  /** Places to listen at, and backends of one: far more than one machine's pods. */
  proxyListenersMax: 10_000,
  proxyBackendsMax: 1_000,
  /** Connections of all Services; each takes two file descriptors. */
  proxyConnectionsMax: 8_192,
  /** Clients whose backend is remembered for session affinity, for one listener. */
  proxyClientsMax: 4_096,
  /** UDP clients of one listener. */
  proxyUdpFlowsMax: 1_024,
  /** Places and backends whose flows the kernel is made to forget at once: a program is started for each. */
  flowsForgottenMax: 500,
  /** Clients that keep their backends when all rules are made anew. */
  clientsKeptMax: 20_000,

  // Network: the machine's tools, pod networks, names.
  /** What one run of ip, nft and the like may write: the routes of a large machine. */
  programOutputBytesMax: 16 * 1024 * 1024,
  /** Bridges of Pintle on one machine, one for each data directory: the service ranges 10.96.0.0/12 has. */
  bridgesMax: 16,
  /** Of what a tool said, in a message. */
  toolWordsMax: 500,
  /** What the ip coprocess may say about one batch. */
  ipBatchSaidBytesMax: 64 * 1024,
  /** Names, and endpoints of one, that the cluster's name server knows. */
  dnsServicesMax: 10_000,
  dnsEndpointsMax: 1_000,
  dnsPodsMax: 10_000,
  /** Answers over UDP: what the client says it takes, within these. Source: RFC 1035; DNS flag day 2020. */
  dnsUdpBytesMin: 512,
  dnsUdpBytesMax: 1_232,
  /** Questions passed on that wait for an answer; more are answered SERVFAIL. */
  dnsForwardsMax: 512,
  /** Connections of clients that ask over TCP, and questions at work of one. */
  dnsConnectionsMax: 256,
  dnsConnectionQueriesMax: 32,
  /** Answers of name servers that say no, kept. */
  dnsNegativeMax: 4_096,
  /** Name servers asked in turn. Source: resolv.conf(5). */
  dnsUpstreamsMax: 3,
  /** Names of a chain (CNAME) that are followed. */
  dnsChainMax: 8,

  // Server: the Kubernetes API over https.
  /** Body of one request. Source: the apiserver's bound. */
  serverBodyBytesMax: 3 * 1024 * 1024,
  /** A body of YAML that is not plain: reading it takes half a second, and everybody waits. kubectl sends JSON. */
  serverExactYamlCharsMax: 256 * 1024,
  /** All headers of one request. Source: Go's default is 1 MiB; a token and a hundred impersonated groups fit in this. */
  serverHeaderBytesMax: 64 * 1024,
  /** Connections; each costs some 50 KiB with TLS. */
  serverConnectionsMax: 1_024,
  /** Beside those, the ones that are just being closed to make room. */
  serverConnectionsGoingMax: 64,
  /** Requests at work at once, watches and logs apart; more are answered 429. Source: max-requests-inflight is 400. */
  serverRequestsMax: 400,
  /** Watches and followed logs held open. */
  serverStreamsMax: 2_000,
  /** What a watcher may be behind before it is dropped: it watches again, which costs the others nothing. They share the objects. */
  serverWatchBacklogCharsMax: 16 * 1024 * 1024,
  /** What is written to one watcher at a time, before others have their turn. */
  serverWatchChunkChars: 64 * 1024,
  /** Watchers written to at a stretch: less than a millisecond. */
  serverWatchersPerTurn: 16,
  /** Smaller answers are not worth compressing. Source: apiserver. */
  serverGzipBytesMin: 128 * 1024,
  /** What is written of a long answer before the client has taken what came before. */
  serverAnswerChunkBytes: 128 * 1024,
  /** Rows of a long table made at a time. */
  serverTableRowsPerPiece: 16,
  /** Warnings of one answer, and characters of one. Source: apiserver. */
  serverWarningsMax: 20,
  serverWarningCharsMax: 256,
  /** Objects a deletecollection works on before it lets others run. */
  deleteCollectionPageObjects: 500,
  /** Characters of a bearer token; those we sign have some 1,200. */
  tokenCharsMax: 8 * 1024,
  /** A certificate signing request in PEM: one with an RSA key of 16,384 bits has some 6,000. */
  certificateRequestCharsMax: 32 * 1024,
  /** What a deletion may give a pod to end: some 68 years, and a time of day that can be written. Source: int32. */
  deletionGraceSecondsMax: 2 ** 31 - 1,
  /** Of one user: requests at work and streams held open at once. Half of all, so that nobody keeps out the others. */
  serverUserRequestsMax: 200,
  serverUserStreamsMax: 1_000,
  /** Requests that one connection may send before it has the answers to those it sent before. Clients of Kubernetes send none. */
  serverPipelinedMax: 16,
  /** What is read and thrown away of a body that was refused, so that the client gets to read why. */
  serverLingerBytesMax: 16 * 1024 * 1024,
  /** Kinds of answered requests that are counted apart: verbs, times resources, times codes that really come. */
  serverCountedSeriesMax: 2_000,
  /** Characters of all warnings of one answer before each is cut to `serverWarningCharsMax`. Source: apiserver. */
  serverWarningsCharsMax: 4 * 1024,
  /** Single rights, a verb on a thing each, that one role or binding of somebody who must hold them may give. */
  grantedRulesMax: 10_000,
  /** Groups and extra values one request may impersonate. */
  impersonatedValuesMax: 200,

  // Server: streams (exec, attach, port-forward).
  /** Sessions open at once: fewer than the connections the agent takes, of which each exec holds one. */
  serverSessionsMax: 200,
  serverUserSessionsMax: 100,
  /** What comes of a longer body takes so long that such requests are worked off one at a time; of one user no more may wait. */
  serverHeavyBodyBytesMin: 64 * 1024,
  serverHeavyWaitingMax: 16,
  /** One WebSocket message. Clients send 32 KiB; Kubernetes takes 32 MiB. */
  streamMessageBytesMax: 4 * 1024 * 1024,
  /** What a stream holds that its reader has not taken; then its whole connection waits. */
  streamBufferBytesMax: 64 * 1024,
  /** Smaller pieces of what waits are joined: each costs some hundred bytes beside its own. */
  streamPieceBytesMin: 4 * 1024,
  /** One frame of data that we send. Source: Kubernetes' buffers. */
  streamChunkBytes: 32 * 1024,
  /** A terminal's size, as JSON. */
  terminalSizeCharsMax: 256,
  /** Streams of one SPDY connection: a browser over port-forward opens two for each of its connections. */
  spdyStreamsMax: 256,
  /** One control frame of SPDY as it comes, and its headers unpacked: real ones have less than 100 bytes. */
  spdyControlBytesMax: 16 * 1024,
  spdyHeaderBytesMax: 32 * 1024,
  /** Ports of one port-forward over WebSocket channels: two channels each, numbered in a byte. */
  forwardedPortsMax: 100,

  // plan --simulate.
  /** Of a daemon's store, as it is sent to the command: ten times what ten thousand objects take. */
  simulationSnapshotBytesMax: 256 * 1024 * 1024,
  /** Simulated time: longer than any progress deadline that somebody waits for. */
  simulationSpanMaxMs: 6 * hourMs,
  /** Changes of workloads and pods: a thousand Deployments of ten pods take some 200,000. */
  simulationChangesMax: 1_000_000,
  /** Steps that are printed; JSON has all of them. */
  simulationStepsShown: 200,
} as const;

export const timings = {
  /** Status commits are coalesced to one in this span (design, decision 8). */
  statusCommitIntervalMs: 2 * secondMs,
  /** Events live this long, as in Kubernetes. */
  eventTtlMs: hourMs,
  /** A field healed `healsBeforeBackoff` times within this span is reported and backed off. */
  healWindowMs: 10 * minuteMs,

  // api.
  /** Objects of a deleted CustomResourceDefinition that finalizers hold are looked at again. */
  definitionCleanupMs: secondMs,
  /** Garbage collection looks again at what it could not do. */
  garbageRetryMs: secondMs,

  // controllers and scheduler.
  /** Per-key back-off. Source: client-go's default rate limiter. */
  controllerBackOffMinMs: 5,
  controllerBackOffMaxMs: 1_000 * secondMs,
  /** A look that waits for an informer to show our own writes is taken again after this, should no change come. */
  controllerCatchUpMs: secondMs,
  /** A failed pod of a DaemonSet is left on its node so long: doubles, and starts over after twice the longest. Source: upstream. */
  daemonSetBackOffBaseMs: secondMs,
  daemonSetBackOffMaxMs: 15 * minuteMs,
  /** Before the pod that comes after a failed one. Source: upstream's job controller. */
  jobBackOffBaseMs: 10 * secondMs,
  jobBackOffMaxMs: 10 * minuteMs,
  /** A CronJob is looked at this long after its time: never before it. Source: upstream's nextScheduleDelta. */
  cronJobDelayMs: 100,
  /** Autoscalers. Source: kube-controller-manager's defaults. */
  autoscalerSyncMs: 15 * secondMs,
  /** Until metrics come for the first time it looks more often, for so long. */
  autoscalerFirstLooksMs: secondMs,
  autoscalerFirstLooksForMs: minuteMs,
  autoscalerDownWindowMs: 5 * minuteMs,
  autoscalerCpuInitializationMs: 5 * minuteMs,
  autoscalerInitialReadinessMs: 30 * secondMs,
  /** What pods use is asked for once in this span, by however many autoscalers. */
  autoscalerUsageAgeMs: secondMs,
  /** A quota is counted anew at most once in this span, and at least once in the other. Source of the other: upstream has 5 minutes. */
  quotaCountMs: secondMs,
  quotaResyncMs: minuteMs,
  /** A pod that found no node is not tried again before this; doubles with every try. Source: upstream. */
  schedulerBackOffMinMs: secondMs,
  schedulerBackOffMaxMs: 10 * secondMs,
  /** It is tried again after this though nothing happened that could help, should something have been missed. Source: upstream. */
  schedulerFlushMs: 5 * minuteMs,
  /** A pod waits so long for the volumes of the node it was given. Source: upstream. */
  schedulerVolumesMs: 10 * minuteMs,
  /** The scheduler tries again after the world failed it. Source: upstream's pod back-off. */
  schedulerRetryMinMs: secondMs,
  schedulerRetryMaxMs: 10 * secondMs,
  /** One more event a source may record about an object; events alike this close are one. Source: client-go. */
  eventRefillMs: 5 * minuteMs,
  eventAggregationWindowMs: 10 * minuteMs,

  // Runtime: the node agent.
  /** A pod's token is replaced at this age, however long it would hold. Source: kubelet token manager. */
  tokenAgeMaxMs: 24 * hourMs,
  /** Crash-loop delay. Source: kubelet. */
  crashLoopBackoffBaseMs: 10 * secondMs,
  crashLoopBackoffMaxMs: 300 * secondMs,
  /** What SIGTERM gets at least after a preStop hook used up the grace period. Source: kubelet. */
  gracePeriodLeastMs: 2 * secondMs,
  /** What containers get whose pod is gone from the API. Source: kubelet. */
  orphanGraceMs: secondMs,
  /** What an evicted pod's containers get. Source: kubelet, immediateEvictionGracePeriodSeconds. */
  evictionGraceMs: secondMs,
  /** What pods have on the disk is measured again after this, and given up when it takes longer than that. Source: kubelet, monitoringInterval; ours. */
  diskMeasureMs: 10 * secondMs,
  diskMeasureMaxMs: 30 * secondMs,
  /** SIGKILL is sent again after this. */
  killRepeatMs: 10 * secondMs,
  /** A container whose configuration could not be resolved, or whose volumes could not be filled, is tried again. */
  configRetryMs: 10 * secondMs,
  /** A pod whose last step failed for the world's reasons is tried again. */
  podRetryMs: 2 * secondMs,
  /** Somebody else wrote the pod first; the newer one is on its way here. */
  conflictRetryMs: 20,
  /** A postStart hook that hangs is given up. Kubernetes has no bound here. */
  postStartMaxMs: 10 * minuteMs,
  /** What the machine uses is averaged over no less than this. */
  machineUsageWindowMs: 2 * secondMs,

  // Nodes.
  /** Node status is written at least this often, changed or not. Source: kubelet nodeStatusReportFrequency. */
  nodeHeartbeatMs: 5 * minuteMs,
  /** A node looks at itself and renews its lease this often. Source: kubelet nodeStatusUpdateFrequency, and a quarter of the lease. */
  nodeLeaseRenewMs: 10 * secondMs,
  /** Source: kubelet nodeLeaseDurationSeconds. */
  nodeLeaseMs: 40 * secondMs,
  /** A node whose lease was not renewed for this long is lost. Source: kube-controller-manager since 1.32. */
  nodeGraceMs: 50 * secondMs,
  /** The same of a node that has never had a lease. Source: nodeStartupGracePeriod. */
  nodeStartupGraceMs: 60 * secondMs,
  /** Who looks for lost leases so much later than meant to was asleep with the machine, and so were the nodes. */
  nodeMonitorLateMs: 5 * secondMs,
  /** Pods of a node that is not there are forgotten after this, for the node may be about to come. Source: pod garbage collector. */
  absentNodeGraceMs: 40 * secondMs,
  /** A node that is no more is looked at this often, until nothing of it runs. */
  nodeRetirePollMs: 2 * secondMs,

  // Companions: the agent and the Service proxy.
  /** A companion that was started answers within this, on a machine busy with other things too. */
  companionStartMs: 15 * secondMs,
  companionPollMs: 10,
  /** A companion that ended before it answered is started again after this: it may end at once every time. */
  companionRestartMs: 100,
  /** After a companion died the daemon starts another one so soon. */
  companionReconnectMs: 50,

  // Daemon.
  /** Changes heard of are gathered for this long before a pass: one commit or one rollout makes many. */
  passDelayMs: 20,
  /** After a change of live that git did not cause. */
  driftDelayMs: 200,
  /** What a pass may have waited for (a slow disk) is no reason to rest longer than this. */
  passRestMaxMs: 2 * secondMs,
  /** A pass that failed for the world's reasons is tried again after this, doubling to the most. */
  passRetryMinMs: secondMs,
  passRetryMaxMs: 2 * minuteMs,
  /** What pods get at most between SIGTERM and SIGKILL when the demonstration ends. */
  demonstrationGraceMs: 10 * secondMs,
  /** How long after the longest grace period of its pods a daemon that ends waits for the last of them. */
  downSlackMs: 10 * secondMs,
  /** `pintle down` says that it waits, once it has waited for this long. */
  downNoticeMs: 2 * secondMs,
  /** Default interval at which an http(s) remote is polled. */
  pollIntervalMs: 15 * secondMs,
  /** The branch is looked at this often whatever the watcher says: watchers miss events on some file systems. */
  branchCheckMs: 10 * secondMs,

  // git.
  /** A local command, or one batch of reads. */
  gitReadTimeoutMs: minuteMs,
  /** A question to the remote that moves no objects. */
  gitRemoteTimeoutMs: minuteMs,
  /** A fetch or a push. */
  gitTransferTimeoutMs: 15 * minuteMs,
  /** What a git process gets to end by itself when the repository is closed. */
  gitCloseTimeoutMs: 2 * secondMs,
  /** A remote that says nothing for this long is down. */
  gitSilenceMs: minuteMs,
  /** References often change in bursts (a push writes, renames, packs): one call for what comes within this. */
  refsCoalesceMs: 15,
  /** How often a repository is looked at that cannot be watched. */
  refsPollIntervalMs: 2 * secondMs,
  /** How long a reference's lock that somebody holds is waited for. Source: git's core.filesRefLockTimeout. */
  refLockTimeoutMs: 200,
  refLockRetryMs: 10,

  // Runtime: the agent and the keepers.
  /** Containers the agent cannot watch through the kernel are looked at this often; all of them every eighth time. */
  agentTickMs: 250,
  /** Between two looks at what an attached container wrote. */
  attachPollMs: 20,
  /** A follower looks at least this often. */
  logFollowPollMs: 500,
  /** From the spawn of a keeper until the program runs, on a machine under heavy load. */
  containerStartMs: 30 * secondMs,
  /** Between two looks for the terminal of an exec that has just begun. */
  terminalLookMs: 10,
  /** After an exec's end its output is waited for this long, when something it left behind holds it open. */
  execOutputLingerMs: 500,
  /** From SIGKILL until a container is gone; a process that hangs in the kernel takes longer and is an error. */
  containerKillMs: 10 * secondMs,

  // Runtime: images.
  /** A registry that says nothing for so long is down; so it is when it does not answer whole in the other time. */
  registrySilenceMs: 30 * secondMs,
  registryAnswerMs: minuteMs,
  /** Before a request is tried again, doubling; a registry may ask for more, up to the most. */
  registryRetryMinMs: 500,
  registryRetryMaxMs: 10 * secondMs,
  /** One image, from the first question to the last file. */
  imagePullMs: hourMs,
  /** Source: kubelet's image garbage collection. */
  imageGarbagePeriodMs: 5 * minuteMs,
  imageGarbageAgeMinMs: 2 * minuteMs,
  /** Layers that no image has, of pulls that failed, are kept for the next try so long. */
  imageUnusedLayerMs: hourMs,
  /** What the disk gets to take in what was unpacked. */
  imageSyncMs: 10 * minuteMs,

  // Runtime: static pods.
  /** Whoever writes a file writes it in several steps. */
  staticPodsSettleMs: 200,
  /** The directory is looked at this often, told or not. Source: kubelet fileCheckFrequency. */
  staticPodsLookMs: 20 * secondMs,
  /** What could not be mirrored is tried again. */
  mirrorRetryMs: 5 * secondMs,
  /** A pod that takes the place of another waits this long between looks at whether that one is gone. */
  staticSuccessorMs: 100,

  // Runtime: metrics of the pods' own.
  /** A pod's endpoint is asked this often. */
  metricScrapeMs: 5 * secondMs,
  /** An answer has to be there after this. */
  metricScrapeTimeoutMs: 3 * secondMs,
  /** Over so long a time a counter's rate is taken. */
  metricRateWindowMs: 30 * secondMs,
  /** A value that was not told again for so long is forgotten. */
  metricStaleMs: 20 * secondMs,

  // Runtime: pods on Linux.
  /** One mount, a few namespaces: a machine under heavy load takes its time. */
  mountMs: 30 * secondMs,
  /** A throw-away pod that shows what a launcher can do here. */
  trialMs: 30 * secondMs,

  // Network: the Service proxy.
  /** A backend that does not answer in this time is passed over for the next one. */
  proxyConnectMs: 5 * secondMs,
  /** Source: Linux conntrack for UDP, rounded up. */
  proxyUdpIdleMs: minuteMs,
  proxyKeepAliveMs: minuteMs,
  /** A place that could not be listened at is tried again: whoever has it may end any moment. */
  proxyListenRetryMs: 200,
  /** Changes of so short a time go to the proxy as one table. */
  proxyCoalesceMs: 5,
  proxyPushRetryMs: secondMs,
  /** One run of ip or nft on a machine under heavy load. */
  networkToolMs: 30 * secondMs,
  /** How often it is looked whether the rules are still there: whoever reloads the machine's firewall drops them. */
  rulesCheckMs: 10 * secondMs,
  /** One name server, before the next is asked; and all of them together. */
  dnsUpstreamMs: 2 * secondMs,
  dnsForwardMs: 6 * secondMs,
  /** A client over TCP that says nothing. */
  dnsIdleMs: 10 * secondMs,
  /** How long names of the cluster may be remembered, in seconds on the wire. Source: CoreDNS' kubernetes plugin. */
  dnsTtlMs: 5 * secondMs,
  /** No answer that says no is kept for longer. */
  dnsNegativeMaxMs: 30 * secondMs,
  /** The machine's resolv.conf is looked at again after this. */
  dnsResolvConfMs: 2 * secondMs,
  /** How often a companion looks whether its data directory is still there. */
  companionAloneMs: 2 * secondMs,

  // Server: the Kubernetes API over https.
  /** Source: ten years and one, as kubeadm makes them. */
  authorityLifetimeMs: 10 * 365 * 24 * hourMs,
  certificateLifetimeMs: 365 * 24 * hourMs,
  /** Replaced this long before they expire; looked at so often. */
  certificateRenewalMs: 30 * 24 * hourMs,
  certificateCheckMs: 12 * hourMs,
  /** How far back a new certificate is valid. */
  certificateBackdateMs: 10 * minuteMs,
  /** From the first byte of a request until its last. */
  serverRequestMs: minuteMs,
  serverHeadersMs: 20 * secondMs,
  serverKeepAliveMs: 3 * minuteMs,
  /** From a connection until TLS stands. */
  serverHandshakeMs: 10 * secondMs,
  /** A connection that is silent for so long is probed. Source: Go's net/http. */
  serverProbeMs: 3 * minuteMs,
  /** How often it is looked for clients that take too long. */
  serverConnectionsCheckMs: 5 * secondMs,
  /** How long a followed log is waited for before its answer begins: time enough to refuse it. */
  logRefusalMs: 200,
  /** Between bookmarks of one watch. Source: apiserver. */
  watchBookmarkMs: minuteMs,
  /** After many watchers have been written to, for each turn that took: some half of the time is left to those who write. */
  watchRestPerTurnMs: 2,
  watchRestMaxMs: 50,
  /** After a request that everybody waited for, at most. */
  heavyRestMaxMs: 2 * secondMs,
  /** A watcher that takes nothing of what waits for it is gone, or might as well be. */
  watchStallMs: 30 * secondMs,
  /** So is a client that takes nothing of a long answer. */
  answerStallMs: minuteMs,
  /** A watch that asks for no time ends after so long, and up to as long again. Source: min-request-timeout. */
  watchDefaultMs: 30 * minuteMs,
  /** Tokens of service accounts. Source: TokenRequest. */
  tokenDefaultMs: hourMs,
  tokenMinMs: 10 * minuteMs,
  tokenMaxMs: 24 * 365 * hourMs,

  // Server: streams.
  /** No byte either way for so long ends a session. Source: kubelet streamingConnectionIdleTimeout. */
  streamIdleMs: 4 * hourMs,
  /** A word to the client, which shows whether it is still there when nothing else is sent or read. */
  streamPingMs: 10 * secondMs,
  /** From the upgrade until the client has opened its streams. Source: kubelet streamCreationTimeout. */
  streamCreationMs: 30 * secondMs,
  /** What the last words of a session get to reach the client before the connection is cut. */
  streamCloseMs: 10 * secondMs,

  // plan --simulate.
  /** Nothing has happened for so long, beside what probes and deadlines make one wait for: it has come to a stop. */
  simulationQuietMs: minuteMs,
} as const;
