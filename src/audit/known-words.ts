/**
 * Words of the standard library, of pytest and of packaging that look made up: made of several words, ten letters or
 * more. Whoever writes Python may write them, so by themselves they give nothing away.
 */
export const KNOWN_WORDS: ReadonlySet<string> = new Set(
  (
    'ALL_COMPLETED ALWAYS_TYPED_ACTIONS ATTRIBUTE_NODE AbsoluteLinkError AbsolutePathError ' +
    'AbstractAsyncContextManager AbstractBasicAuthHandler AbstractChildWatcher AbstractContextManager ' +
    'AbstractDigestAuthHandler AbstractEventLoop AbstractEventLoopPolicy AbstractHTTPHandler ' +
    'AbstractServer AbstractSet AmbiguousOptionError ArgumentDefaultsHelpFormatter ArgumentError ' +
    'ArgumentParser ArgumentTypeError ArithmeticError AssertionError AsyncContextDecorator ' +
    'AsyncContextManager AsyncExitStack AsyncGenerator AsyncGeneratorType AsyncIterable AsyncIterator ' +
    'AttributeError AttributeList BASIC_FORMAT BOOLEAN_STATES BZIP2_VERSION BadOptionError BadZipFile ' +
    'BadZipfile BaseEventLoop BaseException BaseExceptionGroup BaseHandler BaseProtocol BaseTestSuite ' +
    'BaseTransport BasicInterpolation BlockFinder BlockingIOError BooleanOptionalAction BoundArguments ' +
    'BoundedSemaphore BrokenBarrierError BrokenExecutor BrokenPipeError BufferError BufferedIOBase ' +
    'BufferedProtocol BufferedRWPair BufferedRandom BufferedReader BufferedWriter BufferingFormatter ' +
    'BuiltinFunctionType BuiltinMethodType ByteString BytesWarning C14NWriterTarget CDATA_SECTION_NODE ' +
    'CHECK_METHODS CLD_CONTINUED CLD_DUMPED CLD_EXITED CLD_KILLED CLD_STOPPED CLD_TRAPPED CLOCK_BOOTTIME ' +
    'CLOCK_MONOTONIC CLOCK_MONOTONIC_RAW CLOCK_PROCESS_CPUTIME_ID CLOCK_REALTIME CLOCK_THREAD_CPUTIME_ID ' +
    'COMMENT_NODE CONST_ACTIONS COPY_BUFSIZE CORO_CLOSED CORO_CREATED CORO_RUNNING CORO_SUSPENDED ' +
    'CO_ASYNC_GENERATOR CO_COROUTINE CO_GENERATOR CO_ITERABLE_COROUTINE CO_NEWLOCALS CO_OPTIMIZED ' +
    'CO_VARARGS CO_VARKEYWORDS CacheFTPHandler CalledProcessError CancelledError CharacterData ' +
    'ChildProcessError ClassFoundException ClassMethodDescriptorType ClosureVars CompleteDirs ' +
    'CompletedProcess CompressionError ConfigParser ConnectionAbortedError ConnectionError ' +
    'ConnectionRefusedError ConnectionResetError ContentTooShortError ContextDecorator ContextManager ' +
    'ConverterMapping CoroutineType DEFAULT_BUFFER_SIZE DEFAULT_ENTROPY DEFAULT_FORMAT DEFAULT_PROTOCOL ' +
    'DEFAULT_VERSION DOCUMENT_FRAGMENT_NODE DOCUMENT_NODE DOCUMENT_TYPE_NODE DOMImplementationLS ' +
    'DataHandler DatagramProtocol DatagramTransport DefaultDict DefaultEventLoopPolicy DefragResult ' +
    'DefragResultBytes DeprecatedList DeprecatedTuple DeprecationWarning DictReader DictWriter ' +
    'DistributionFinder DocumentFragment DocumentLS DocumentType DuplicateOptionError ' +
    'DuplicateSectionError DynamicClassAttribute EFD_CLOEXEC EFD_NONBLOCK EFD_SEMAPHORE ELEMENT_NODE ' +
    'EMPTY_DICT EMPTY_LIST EMPTY_NAMESPACE EMPTY_PREFIX EMPTY_TUPLE ENTITY_NODE ENTITY_REFERENCE_NODE ' +
    'EOFHeaderError EXCLUDED_ATTRIBUTES EX_CANTCREAT EX_DATAERR EX_NOINPUT EX_PROTOCOL EX_SOFTWARE ' +
    'EX_TEMPFAIL EX_UNAVAILABLE ElementInfo ElementPath ElementTree EllipsisType EmptyHeaderError ' +
    'EmptyNodeList EncodingWarning EndOfBlock EntryPoint EntryPoints EnvironmentError ExFileObject ' +
    'ExceptHookArgs ExceptionGroup ExtendedInterpolation ExtractError FIRST_COMPLETED FIRST_EXCEPTION ' +
    'FancyURLopener FastChildWatcher FastLookup FileExistsError FileHandler FileNotFoundError ' +
    'FilterError FlagBoundary FloatingPointError ForwardRef FrameSummary FreezableDefaultDict ' +
    'FrozenInstanceError FullArgSpec FunctionTestCase FunctionType FutureWarning GEN_CLOSED GEN_CREATED ' +
    'GEN_RUNNING GEN_SUSPENDED GNUTYPE_LONGLINK GNUTYPE_LONGNAME GNUTYPE_SPARSE GNU_FORMAT GRND_NONBLOCK ' +
    'GRND_RANDOM GeneratorExit GeneratorType GenericAlias GetSetDescriptorType GetoptError ' +
    'HIGHEST_PROTOCOL HTML_EMPTY HTTPBasicAuthHandler HTTPCookieProcessor HTTPDefaultErrorHandler ' +
    'HTTPDigestAuthHandler HTTPErrorProcessor HTTPPasswordMgr HTTPPasswordMgrWithDefaultRealm ' +
    'HTTPPasswordMgrWithPriorAuth HTTPRedirectHandler HeaderError HelpFormatter ImportError ' +
    'ImportWarning IncompleteReadError IncrementalNewlineDecoder IndentationError IndentedHelpFormatter ' +
    'IndexError InterpolationDepthError InterpolationError InterpolationMissingOptionError ' +
    'InterpolationSyntaxError InterruptedError InvalidHeaderError InvalidStateError InvalidTZPathWarning ' +
    'IsADirectoryError IsolatedAsyncioTestCase JSONDecodeError KeyboardInterrupt LENGTH_LINK LENGTH_NAME ' +
    'LENGTH_PREFIX LONG_BINGET LONG_BINPUT LZMA_VERSION LambdaType LargeZipFile LazyLoader ' +
    'LegacyInterpolation LimitOverrunError LinearRegression LinkOutsideDestinationError LiteralString ' +
    'LoggerAdapter LookupError MAGIC_NUMBER MAX_EXTRACT_VERSION MAX_INTERPOLATION_DEPTH ' +
    'MFD_ALLOW_SEALING MFD_CLOEXEC MFD_HUGETLB MFD_HUGE_16GB MFD_HUGE_16MB MFD_HUGE_1GB MFD_HUGE_1MB ' +
    'MFD_HUGE_256MB MFD_HUGE_2GB MFD_HUGE_2MB MFD_HUGE_32MB MFD_HUGE_512KB MFD_HUGE_512MB MFD_HUGE_64KB ' +
    'MFD_HUGE_8MB MFD_HUGE_MASK MFD_HUGE_SHIFT MODE_ASYNCHRONOUS MODE_SYNCHRONOUS MappingProxyType ' +
    'MappingView MemberDescriptorType MemoryError MetaPathFinder MetadataPathFinder ' +
    'MetavarTypeHelpFormatter MethodDescriptorType MethodType MethodWrapperType ' +
    'MissingSectionHeaderError ModuleNotFoundError ModuleType MultiLoopChildWatcher MutableMapping ' +
    'MutableSequence MutableSet NAMED_FLAGS NEXT_BUFFER NGROUPS_MAX NOTATION_NODE NO_DEFAULT ' +
    'NO_DEFAULT_VALUE NV_MAGICCONST NamedNodeMap NamedTemporaryFile NamedTuple NamedTupleMeta ' +
    'NoOptionError NoSectionError NormalDist NotADirectoryError NotImplemented NotImplementedError ' +
    'NotImplementedType NotRequired NullHandler NullTranslations ONE_OR_MORE O_DIRECTORY O_LARGEFILE ' +
    'O_NOFOLLOW O_NONBLOCK OpenerDirector OptParseError OptionConflictError OptionContainer OptionError ' +
    'OptionGroup OptionParser OptionValueError OrderedDict OutsideDestinationError OverflowError ' +
    'PAX_FIELDS PAX_FORMAT PAX_NAME_FIELDS PAX_NUMBER_FIELDS POSIX_FADV_DONTNEED POSIX_FADV_NOREUSE ' +
    'POSIX_FADV_NORMAL POSIX_FADV_RANDOM POSIX_FADV_SEQUENTIAL POSIX_FADV_WILLNEED POSIX_MAGIC ' +
    'POSIX_SPAWN_CLOSE POSIX_SPAWN_DUP2 POSIX_SPAWN_OPEN PRIO_PROCESS PROCESSING_INSTRUCTION_NODE ' +
    'PackageMetadata PackageNotFoundError PackagePath ParamSpecArgs ParamSpecKwargs ParseError ' +
    'ParseResult ParseResultBytes ParsingError PathDistribution PendingDeprecationWarning PercentStyle ' +
    'PermissionError PickleBuffer PickleError PicklingError PidfdChildWatcher PlaceHolder PriorityQueue ' +
    'ProcessLookupError ProcessPoolExecutor ProcessingInstruction ProxyBasicAuthHandler ' +
    'ProxyDigestAuthHandler ProxyHandler PurePosixPath PureWindowsPath PyStringMap QUOTE_MINIMAL ' +
    'QUOTE_NONE QUOTE_NONNUMERIC QueueEmpty READONLY_BUFFER REGULAR_TYPES RTLD_DEEPBIND RTLD_GLOBAL ' +
    'RTLD_LOCAL RTLD_NODELETE RTLD_NOLOAD RWF_APPEND RWF_NOWAIT RawConfigParser ' +
    'RawDescriptionHelpFormatter RawTextHelpFormatter ReadOnlySequentialNamedNodeMap ReadTransport ' +
    'RecursionError ReferenceError RegistryError ResourceReader ResourceWarning ResultBase RootLogger ' +
    'RuntimeError RuntimeWarning SCHED_BATCH SCHED_FIFO SCHED_IDLE SCHED_OTHER SCHED_RESET_ON_FORK ' +
    'SG_MAGICCONST SHORT_BINBYTES SHORT_BINSTRING SHORT_BINUNICODE SOLARIS_XHDTYPE SPLICE_F_MORE ' +
    'SPLICE_F_MOVE SPLICE_F_NONBLOCK STACK_GLOBAL STORE_ACTIONS ST_MANDLOCK ST_NOATIME ST_NODIRATIME ' +
    'ST_RELATIME ST_SYNCHRONOUS SUPPORTED_TYPES SUPPRESS_HELP SUPPRESS_USAGE SafeChildWatcher ' +
    'SafeConfigParser SameFileError SectionProxy SelectableGroups SelectorEventLoop ' +
    'SendfileNotAvailableError SimpleNamespace SimplePath SimpleQueue SpecialFileError SplitResult ' +
    'SplitResultBytes SpooledTemporaryFile StackSummary StatisticsError StopAsyncIteration StopIteration ' +
    'StrFormatStyle StreamError StreamHandler StreamReader StreamReaderProtocol StreamWriter ' +
    'StringTemplateStyle StringTypes SubElement SubprocessError SubprocessProtocol SubprocessTransport ' +
    'SubsequentHeaderError SupportsAbs SupportsBytes SupportsComplex SupportsFloat SupportsIndex ' +
    'SupportsInt SupportsRound SyntaxError SyntaxWarning SystemError SystemExit SystemRandom TIMEOUT_MAX ' +
    'TOMLDecodeError TPFLAGS_IS_ABSTRACT TYPED_ACTIONS TYPE_CHECKER TYPE_CHECKING TemporaryDirectory ' +
    'TemporaryFile TestLoader TestProgram TestResult TextIOBase TextIOWrapper TextTestResult ' +
    'TextTestRunner TextWrapper ThreadError ThreadPoolExecutor ThreadedChildWatcher TimeoutError ' +
    'TimeoutExpired TimerHandle TitledHelpFormatter TracebackException TracebackType TreeBuilder ' +
    'TruncatedHeaderError TypeVarTuple USTAR_FORMAT UnboundLocalError UnicodeDecodeError ' +
    'UnicodeEncodeError UnicodeError UnicodeTranslateError UnicodeWarning UnknownHandler UnpicklingError ' +
    'UnsupportedOperation UserString UserWarning ValueError ValuesView WRAPPER_ASSIGNMENTS ' +
    'WRAPPER_UPDATES WarningMessage WindowsPath WrapperDescriptorType WriteTransport XATTR_CREATE ' +
    'XATTR_REPLACE XATTR_SIZE_MAX XMLNS_NAMESPACE XMLPullParser ZERO_OR_MORE ZIP64_LIMIT ZIP64_VERSION ' +
    'ZIP_DEFLATED ZIP_FILECOUNT_LIMIT ZIP_MAX_COMMENT ZIP_STORED ZeroDivisionError ZipExtFile ' +
    'ZoneInfoNotFoundError activeCount active_count actualEncoding addAsyncCleanup addClassCleanup ' +
    'addCleanup addExpectedFailure addFailure addHandler addLevelName addModuleCleanup addSubTest ' +
    'addSuccess addTypeEqualityFunc addUnexpectedSuccess add_argument add_argument_group add_arguments ' +
    'add_mutually_exclusive_group add_option add_option_group add_options add_parser add_section ' +
    'add_subparsers always_iterable api_version appendChild appendData as_completed ascii_letters ' +
    'ascii_lowercase ascii_uppercase asctime_format asctime_search assertAlmostEqual assertAlmostEquals ' +
    'assertCountEqual assertDictContainsSubset assertDictEqual assertEqual assertEquals assertFalse ' +
    'assertGreater assertGreaterEqual assertIsInstance assertIsNone assertIsNot assertIsNotNone ' +
    'assertLess assertLessEqual assertListEqual assertLogs assertMultiLineEqual assertNoLogs ' +
    'assertNotAlmostEqual assertNotAlmostEquals assertNotEqual assertNotEquals assertNotIn ' +
    'assertNotIsInstance assertNotRegex assertNotRegexpMatches assertRaises assertRaisesRegex ' +
    'assertRaisesRegexp assertRegex assertRegexpMatches assertSequenceEqual assertSetEqual assertTrue ' +
    'assertTupleEqual assertWarns assertWarnsRegex assert_called_once assert_called_once_with ' +
    'assert_called_with assert_has_calls assert_never assert_not_called assert_type asyncSetUp ' +
    'asyncTearDown available_timezones base_events base_exec_prefix base_futures base_prefix ' +
    'base_subprocess base_tasks basicConfig before_get before_read before_set before_write bisect_left ' +
    'bisect_right build_opener builtin_module_names bytes_types cache_from_source cached_property ' +
    'calc_chksums callHandlers call_args_list call_tracing captureWarnings casefold_parts catch_warnings ' +
    'charset_normalizer check_builtin check_call check_choice check_output check_value check_values ' +
    'childNodes classify_class_attrs clear_cache clear_frames clear_overloads clock_getres clock_gettime ' +
    'clock_gettime_ns clock_settime clock_settime_ns cmp_to_key combinations_with_replacement ' +
    'compare_digest compatible_formats compile_pattern compressor_names confstr_names console_scripts ' +
    'content_type convert_arg_line_to_args convert_value copy_file_range countTestCases createAttribute ' +
    'createAttributeNS createCDATASection createComment createDOMBuilder createDOMInputSource ' +
    'createDOMWriter createDocument createDocumentFragment createDocumentType createElement ' +
    'createElementNS createLock createProcessingInstruction createTests createTextNode ' +
    'create_subprocess_exec create_subprocess_shell create_task currentThread current_task ' +
    'current_thread data_files data_filter dataclass_transform datetime_CAPI decode_long decode_source ' +
    'defaultTestLoader defaultTestResult default_factory default_format default_msec_format ' +
    'default_time_format deleteData detect_encoding device_encoding disable_interspersed_args disk_usage ' +
    'dispatch_table doClassCleanups doCleanups doModuleCleanups documentElement documentURI ' +
    'dont_write_bytecode drive_letters enable_interspersed_args encode_long end_lineno end_offset ' +
    'end_section ensure_future ensure_value enterAsyncContext enterClassContext enterContext ' +
    'enterModuleContext entry_points errorHandler eventfd_read eventfd_write exec_prefix expand_default ' +
    'expand_prog_name expectedFailure ext_namespace_prefix extract_stack extract_tb extras_require ' +
    'failIfAlmostEqual failIfEqual failUnless failUnlessAlmostEqual failUnlessEqual failUnlessRaises ' +
    'failureException field_size_limit field_spec findCaller findTestCases find_distributions ' +
    'find_loader find_module find_packages firstChild float_info float_repr_style formatException ' +
    'formatFooter formatHeader formatMessage formatStack formatTime format_description format_epilog ' +
    'format_exc format_exception format_exception_only format_heading format_help format_helpers ' +
    'format_list format_option format_option_help format_option_strings format_stack format_usage ' +
    'format_version freedesktop_os_release fully_trusted_filter geometric_mean getAttribute ' +
    'getAttributeNS getAttributeNode getAttributeNodeNS getAttributeType getAttributeTypeNS ' +
    'getDOMImplementation getDescription getEffectiveLevel getElementById getElementsByTagName ' +
    'getElementsByTagNameNS getInterface getLevelName getLevelNamesMapping getLogRecordFactory ' +
    'getLoggerClass getMessage getNamedItem getNamedItemNS getTestCaseNames getUserData get_annotations ' +
    'get_archive_formats get_asyncgen_hooks get_blocking get_cache_token get_child_watcher ' +
    'get_clock_info get_coroutine_origin_tracking_depth get_default get_default_values get_description ' +
    'get_dialect get_event_loop get_event_loop_policy get_exec_path get_identifiers get_inheritable ' +
    'get_int_max_str_digits get_native_id get_opt_string get_option get_option_group get_origin ' +
    'get_overloads get_prog_name get_running_loop get_terminal_size get_type_hints get_unpack_formats ' +
    'get_version getattr_static getmembers_static getproxies_environment global_enum global_enum_repr ' +
    'global_flag_repr global_str gnu_getopt handleError hardlink_to harmonic_mean hasAttribute ' +
    'hasAttributeNS hasAttributes hasChildNodes hasFeature hasHandlers has_option has_section ' +
    'ignore_patterns importNode import_module importlib_metadata importlib_resources ' +
    'include_package_data insertBefore insertData installHandler install_opener install_requires ' +
    'internalSubset invalidate_caches isElementContent isEnabledFor isSameNode isSupported ' +
    'isWhitespaceInElementContent is_absolute is_block_device is_char_device is_dataclass is_finalizing ' +
    'is_relative_to is_reserved is_resource is_supported is_symlink is_tarfile is_typeddict is_zipfile ' +
    'join_parsed_parts lastResort legacy_normalize legacy_normalized length_hint linear_regression ' +
    'list_dialects loadTestsFromModule loadTestsFromName loadTestsFromNames loadTestsFromTestCase ' +
    'load_tests locate_file logMultiprocessing logProcesses logThreads longMessage long_description ' +
    'long_description_content_type long_has_args main_thread makeLogRecord makeRecord make_archive ' +
    'make_dataclass make_option median_grouped median_high median_low memfd_create method_cache ' +
    'module_for_loader module_from_spec monotonic_ns namespaceURI new_event_loop nextSibling ' +
    'no_type_check no_type_check_decorator non_hierarchical open_binary open_connection ' +
    'open_unix_connection ownerDocument ownerElement package_data package_dir packages_distributions ' +
    'parentNode parseString parse_args parse_http_list parse_intermixed_args parse_keqv_list ' +
    'parse_known_args parse_known_intermixed_args parse_parts path_hooks path_importer_cache ' +
    'pathconf_names perf_counter perf_counter_ns pickle_by_enum_name pickle_by_global_name pidfd_open ' +
    'posix_fadvise posix_fallocate posix_spawn posix_spawnp prepare_class previousSibling printErrorList ' +
    'printErrors print_exception print_file_and_line print_help print_last print_list print_stack ' +
    'print_usage print_version process_time process_time_ns project_urls proxy_bypass ' +
    'proxy_bypass_environment pthread_getcpuclockid py_modules pycache_prefix pytest_plugins ' +
    'python_branch python_build python_compiler python_implementation python_requires python_revision ' +
    'python_version python_version_tuple quote_from_bytes quote_plus raiseExceptions raise_for_status ' +
    'read_binary read_bytes read_events read_module read_string recursive_repr redirect_stderr ' +
    'redirect_stdout registerResult register_archive_format register_at_fork register_dialect ' +
    'register_namespace register_unpack_format relative_to removeAttribute removeAttributeNS ' +
    'removeAttributeNode removeAttributeNodeNS removeChild removeFilter removeHandler removeNamedItem ' +
    'removeNamedItemNS removeResult remove_option remove_section renameNode replaceChild replaceData ' +
    'replaceWholeText request_host reserved_names reset_tzpath resolve_bases resolve_name return_value ' +
    'reveal_type run_coroutine_threadsafe runtime_checkable safe_substitute sched_get_priority_max ' +
    'sched_get_priority_min sched_getaffinity sched_getparam sched_getscheduler sched_param ' +
    'sched_rr_get_interval sched_setaffinity sched_setparam sched_setscheduler sched_yield schemaType ' +
    'scheme_chars section_pairs select_from selector_events setAttribute setAttributeNS setAttributeNode ' +
    'setAttributeNodeNS setFormatter setIdAttribute setIdAttributeNS setIdAttributeNode ' +
    'setLogRecordFactory setLoggerClass setNamedItem setNamedItemNS setUpClass setUserData ' +
    'set_asyncgen_hooks set_blocking set_child_watcher set_conflict_handler ' +
    'set_coroutine_origin_tracking_depth set_default set_defaults set_description set_event_loop ' +
    'set_event_loop_policy set_inheritable set_int_max_str_digits set_loader set_long_opt_delimiter ' +
    'set_package set_parser set_process_default_values set_short_opt_delimiter setup_requires ' +
    'shortDescription short_has_arg show_flag_values side_effect sizeCentralDir sizeEndCentDir ' +
    'sizeEndCentDir64 sizeEndCentDir64Locator sizeFileHeader skipUnless sortTestMethodsUsing ' +
    'source_from_cache source_hash spec_from_file_location spec_from_loader stack_size ' +
    'standard_b64decode standard_b64encode standard_option_list startTestRun start_section start_server ' +
    'start_unix_server stat_result status_code statvfs_result stdlib_module_names stopTestRun ' +
    'store_option_strings strictErrorChecking stringCentralDir stringEndArchive stringEndArchive64 ' +
    'stringEndArchive64Locator stringFileHeader structCentralDir structEndArchive structEndArchive64 ' +
    'structEndArchive64Locator structFileHeader struct_time substringData suiteClass ' +
    'supports_bytes_environ supports_dir_fd supports_effective_ids supports_fd supports_follow_symlinks ' +
    'symlink_exception symlink_to sysconf_names system_alias take_action takes_value tar_filter ' +
    'tearDownClass terminal_size testMethodPrefix testNamePatterns test_suite tests_require ' +
    'text_encoding thread_info thread_time thread_time_ns timeout_at times_result tmp_path_factory ' +
    'tmpdir_factory token_bytes token_urlsafe total_ordering total_seconds typing_extensions ' +
    'uname_result unique_everseen unix_dialect unix_events unpack_archive unquote_plus unquote_to_bytes ' +
    'unregister_archive_format unregister_dialect unregister_unpack_format update_abstractmethods ' +
    'update_wrapper urlquote_from_bytes urlsafe_b64decode urlsafe_b64encode user_agent uses_fragment ' +
    'uses_netloc uses_params uses_query uses_relative validation_pattern version_info waitid_result ' +
    'waitstatus_to_exitcode walk_stack warn_explicit wasSuccessful win32_edition win32_is_iot ' +
    'with_suffix with_traceback wrap_future write_bytes write_c14n write_text zip_children zip_longest'
  ).split(' '),
);
