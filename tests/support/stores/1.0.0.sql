-- at 1796033830002581
-- since 1796033213781896
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0006');
CREATE TABLE api_tokens (
	name TEXT NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	"full" BOOLEAN NOT NULL, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE confirmations (
	number TEXT NOT NULL, 
	person TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (number)
);
CREATE TABLE events (
	id INTEGER NOT NULL, 
	incident_id INTEGER NOT NULL, 
	episode INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	reason VARCHAR(32) NOT NULL, 
	detail TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	last_at BIGINT NOT NULL, 
	count INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT events_once UNIQUE (incident_id, episode, kind, reason, detail)
);
INSERT INTO "events" VALUES(1,1,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(2,2,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(3,3,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(4,4,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(5,5,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(6,6,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(7,7,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(8,8,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(9,9,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(10,10,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(11,11,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(12,12,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(13,13,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(14,14,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(15,15,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(16,16,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(17,17,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(18,18,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(19,19,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(20,20,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(21,21,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(22,22,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(23,23,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(24,24,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(25,25,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(26,26,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(27,27,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(28,28,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(29,29,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(30,30,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(31,31,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(32,32,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(33,33,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(34,34,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(35,35,0,'paged','firing','alice (team ops, root route)',1796033816362748,1796033816362748,1);
INSERT INTO "events" VALUES(36,1,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100001, tag hv13mx345u1o1zfy, 1 credit',1796033816430017,1796033816430017,1);
INSERT INTO "events" VALUES(37,4,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100004, tag hv13mx345u1o59ua, 1 credit',1796033816447476,1796033816447476,1);
INSERT INTO "events" VALUES(38,2,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100002, tag hv13mx345u1o59u8, 1 credit',1796033816450547,1796033816450547,1);
INSERT INTO "events" VALUES(39,3,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100003, tag hv13mx345u1o59u9, 1 credit',1796033816450847,1796033816450847,1);
INSERT INTO "events" VALUES(40,5,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100005, tag hv13mx345u2u24i9, 1 credit',1796033816468241,1796033816468241,1);
INSERT INTO "events" VALUES(41,7,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100006, tag hv13mx345u3154jh, 1 credit',1796033816470850,1796033816470850,1);
INSERT INTO "events" VALUES(42,6,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100007, tag hv13mx345u3154jg, 1 credit',1796033816478677,1796033816478677,1);
INSERT INTO "events" VALUES(43,8,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100008, tag hv13mx345u3154ji, 1 credit',1796033816488074,1796033816488074,1);
INSERT INTO "events" VALUES(44,10,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100009, tag hv13mx345u3p2bkg, 1 credit',1796033816492231,1796033816492231,1);
INSERT INTO "events" VALUES(45,9,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100010, tag hv13mx345u3p1vy4, 1 credit',1796033816493657,1796033816493657,1);
INSERT INTO "events" VALUES(46,11,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100011, tag hv13mx345u3p2bkh, 1 credit',1796033816496138,1796033816496138,1);
INSERT INTO "events" VALUES(47,12,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100012, tag hv13mx345u3t3xaj, 1 credit',1796033816503745,1796033816503745,1);
INSERT INTO "events" VALUES(48,14,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100013, tag hv13mx345u4326d7, 1 credit',1796033816505951,1796033816505951,1);
INSERT INTO "events" VALUES(49,15,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100014, tag hv13mx345u433cyo, 1 credit',1796033816508633,1796033816508633,1);
INSERT INTO "events" VALUES(50,13,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100015, tag hv13mx345u4326d6, 1 credit',1796033816512695,1796033816512695,1);
INSERT INTO "events" VALUES(51,16,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100016, tag hv13mx345u4e2rwv, 1 credit',1796033816528572,1796033816528572,1);
INSERT INTO "events" VALUES(52,17,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100017, tag hv13mx345u4o0brc, 1 credit',1796033816536677,1796033816536677,1);
INSERT INTO "events" VALUES(53,18,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100018, tag hv13mx345u512o1s, 1 credit',1796033816545941,1796033816545941,1);
INSERT INTO "events" VALUES(54,19,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100020, tag hv13mx345u512o1t, 1 credit',1796033816548735,1796033816548735,1);
INSERT INTO "events" VALUES(55,20,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100019, tag hv13mx345u512o1u, 1 credit',1796033816548979,1796033816548979,1);
INSERT INTO "events" VALUES(56,21,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100021, tag hv13mx345u563v8u, 1 credit',1796033816555206,1796033816555206,1);
INSERT INTO "events" VALUES(57,22,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100023, tag hv13mx345u5i0kn5, 1 credit',1796033816565227,1796033816565227,1);
INSERT INTO "events" VALUES(58,23,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100022, tag hv13mx345u5i41lx, 1 credit',1796033816572198,1796033816572198,1);
INSERT INTO "events" VALUES(59,25,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100025, tag hv13mx345u5q1368, 1 credit',1796033816572395,1796033816572395,1);
INSERT INTO "events" VALUES(60,24,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100024, tag hv13mx345u5i41ly, 1 credit',1796033816574380,1796033816574380,1);
INSERT INTO "events" VALUES(61,26,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100026, tag hv13mx345u6b2fuz, 1 credit',1796033816585969,1796033816585969,1);
INSERT INTO "events" VALUES(62,27,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100029, tag hv13mx345u6b3d2w, 1 credit',1796033816589560,1796033816589560,1);
INSERT INTO "events" VALUES(63,29,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100028, tag hv13mx345u6d0xxg, 1 credit',1796033816591447,1796033816591447,1);
INSERT INTO "events" VALUES(64,28,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100027, tag hv13mx345u6b3d2x, 1 credit',1796033816594575,1796033816594575,1);
INSERT INTO "events" VALUES(65,30,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100030, tag hv13mx345u6l2rtn, 1 credit',1796033816595144,1796033816595144,1);
INSERT INTO "events" VALUES(66,31,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100032, tag hv13mx345u6o1gkv, 1 credit',1796033816605037,1796033816605037,1);
INSERT INTO "events" VALUES(67,32,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100031, tag hv13mx345u6o1gkw, 1 credit',1796033816606277,1796033816606277,1);
INSERT INTO "events" VALUES(68,34,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100033, tag hv13mx345u6v3juz, 1 credit',1796033816609251,1796033816609251,1);
INSERT INTO "events" VALUES(69,33,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100034, tag hv13mx345u6v2svi, 1 credit',1796033816609695,1796033816609695,1);
INSERT INTO "events" VALUES(70,35,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100035, tag hv13mx345u731q2r, 1 credit',1796033816617863,1796033816617863,1);
INSERT INTO "events" VALUES(71,1,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826436895,1796033826436895,1);
INSERT INTO "events" VALUES(72,4,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826455778,1796033826455778,1);
INSERT INTO "events" VALUES(73,2,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826465595,1796033826465595,1);
INSERT INTO "events" VALUES(74,3,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826465595,1796033826465595,1);
INSERT INTO "events" VALUES(75,5,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826477041,1796033826477041,1);
INSERT INTO "events" VALUES(76,7,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826482827,1796033826482827,1);
INSERT INTO "events" VALUES(77,6,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826487991,1796033826487991,1);
INSERT INTO "events" VALUES(78,8,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826492753,1796033826492753,1);
INSERT INTO "events" VALUES(79,9,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826504466,1796033826504466,1);
INSERT INTO "events" VALUES(80,10,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826504466,1796033826504466,1);
INSERT INTO "events" VALUES(81,11,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826518707,1796033826518707,1);
INSERT INTO "events" VALUES(82,12,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826518707,1796033826518707,1);
INSERT INTO "events" VALUES(83,14,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826518707,1796033826518707,1);
INSERT INTO "events" VALUES(84,15,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826518707,1796033826518707,1);
INSERT INTO "events" VALUES(85,13,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826533196,1796033826533196,1);
INSERT INTO "events" VALUES(86,16,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826539565,1796033826539565,1);
INSERT INTO "events" VALUES(87,17,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826544601,1796033826544601,1);
INSERT INTO "events" VALUES(88,18,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826558200,1796033826558200,1);
INSERT INTO "events" VALUES(89,19,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826558200,1796033826558200,1);
INSERT INTO "events" VALUES(90,20,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826558200,1796033826558200,1);
INSERT INTO "events" VALUES(91,21,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826570472,1796033826570472,1);
INSERT INTO "events" VALUES(92,22,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826577101,1796033826577101,1);
INSERT INTO "events" VALUES(93,23,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826577101,1796033826577101,1);
INSERT INTO "events" VALUES(94,25,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826577101,1796033826577101,1);
INSERT INTO "events" VALUES(95,24,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826583566,1796033826583566,1);
INSERT INTO "events" VALUES(96,26,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826592892,1796033826592892,1);
INSERT INTO "events" VALUES(97,27,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826599737,1796033826599737,1);
INSERT INTO "events" VALUES(98,28,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826599737,1796033826599737,1);
INSERT INTO "events" VALUES(99,29,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826599737,1796033826599737,1);
INSERT INTO "events" VALUES(100,30,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826599737,1796033826599737,1);
INSERT INTO "events" VALUES(101,31,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826612914,1796033826612914,1);
INSERT INTO "events" VALUES(102,32,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826618875,1796033826618875,1);
INSERT INTO "events" VALUES(103,33,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826618875,1796033826618875,1);
INSERT INTO "events" VALUES(104,34,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826618875,1796033826618875,1);
INSERT INTO "events" VALUES(105,35,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033826634265,1796033826634265,1);
INSERT INTO "events" VALUES(106,21,0,'answered','acknowledged','alice, by api',1796033826751100,1796033826751100,1);
INSERT INTO "events" VALUES(107,22,0,'answered','acknowledged','alice, by api',1796033826751100,1796033826751100,1);
INSERT INTO "events" VALUES(108,23,0,'answered','acknowledged','alice, by api',1796033826751100,1796033826751100,1);
INSERT INTO "events" VALUES(109,24,0,'answered','acknowledged','alice, by api',1796033826751100,1796033826751100,1);
INSERT INTO "events" VALUES(110,25,0,'answered','acknowledged','alice, by api',1796033826751100,1796033826751100,1);
INSERT INTO "events" VALUES(111,26,0,'answered','acknowledged','alice, by api',1796033826751100,1796033826751100,1);
INSERT INTO "events" VALUES(112,27,0,'answered','acknowledged','alice, by api',1796033826751100,1796033826751100,1);
INSERT INTO "events" VALUES(113,28,0,'answered','acknowledged','alice, by api',1796033826751100,1796033826751100,1);
INSERT INTO "events" VALUES(114,29,0,'answered','acknowledged','alice, by api',1796033826751100,1796033826751100,1);
INSERT INTO "events" VALUES(115,30,0,'answered','acknowledged','alice, by api',1796033826751100,1796033826751100,1);
INSERT INTO "events" VALUES(116,31,0,'answered','acknowledged','alice, by api',1796033826751100,1796033826751100,1);
INSERT INTO "events" VALUES(117,32,0,'answered','acknowledged','alice, by api',1796033826751100,1796033826751100,1);
INSERT INTO "events" VALUES(118,33,0,'answered','acknowledged','alice, by api',1796033826751100,1796033826751100,1);
INSERT INTO "events" VALUES(119,34,0,'answered','acknowledged','alice, by api',1796033826751100,1796033826751100,1);
INSERT INTO "events" VALUES(120,35,0,'answered','acknowledged','alice, by api',1796033826751100,1796033826751100,1);
INSERT INTO "events" VALUES(121,36,0,'paged','firing','alice (team ops, root route)',1796033826782731,1796033826782731,1);
INSERT INTO "events" VALUES(122,37,0,'paged','firing','alice (team ops, root route)',1796033826782731,1796033826782731,1);
INSERT INTO "events" VALUES(123,38,0,'paged','firing','alice (team ops, root route)',1796033826782731,1796033826782731,1);
INSERT INTO "events" VALUES(124,39,0,'paged','firing','alice (team ops, root route)',1796033826782731,1796033826782731,1);
INSERT INTO "events" VALUES(125,40,0,'paged','firing','alice (team ops, root route)',1796033826782731,1796033826782731,1);
INSERT INTO "events" VALUES(126,41,0,'paged','firing','alice (team ops, root route)',1796033826782731,1796033826782731,1);
INSERT INTO "events" VALUES(127,42,0,'paged','firing','alice (team ops, root route)',1796033826782731,1796033826782731,1);
INSERT INTO "events" VALUES(128,43,0,'paged','firing','alice (team ops, root route)',1796033826782731,1796033826782731,1);
INSERT INTO "events" VALUES(129,44,0,'paged','firing','alice (team ops, root route)',1796033826782731,1796033826782731,1);
INSERT INTO "events" VALUES(130,45,0,'paged','firing','alice (team ops, root route)',1796033826782731,1796033826782731,1);
INSERT INTO "events" VALUES(131,46,0,'paged','firing','alice (team ops, root route)',1796033826782731,1796033826782731,1);
INSERT INTO "events" VALUES(132,47,0,'paged','firing','alice (team ops, root route)',1796033826782731,1796033826782731,1);
INSERT INTO "events" VALUES(133,48,0,'paged','firing','alice (team ops, root route)',1796033826782731,1796033826782731,1);
INSERT INTO "events" VALUES(134,49,0,'paged','firing','alice (team ops, root route)',1796033826782731,1796033826782731,1);
INSERT INTO "events" VALUES(135,50,0,'paged','firing','alice (team ops, root route)',1796033826782731,1796033826782731,1);
INSERT INTO "events" VALUES(136,36,0,'attempt','retry','SMS to alice (+33*******78): send: 403 NOT_ENOUGH_CREDITS: Not enough credits',1796033826798166,1796033826798166,1);
INSERT INTO "events" VALUES(137,37,0,'attempt','retry','SMS to alice (+33*******78): send: 403 NOT_ENOUGH_CREDITS: Not enough credits',1796033826814502,1796033826814502,1);
INSERT INTO "events" VALUES(138,39,0,'attempt','retry','SMS to alice (+33*******78): send: 403 NOT_ENOUGH_CREDITS: Not enough credits',1796033826814844,1796033826814844,1);
INSERT INTO "events" VALUES(139,38,0,'attempt','retry','SMS to alice (+33*******78): send: 403 NOT_ENOUGH_CREDITS: Not enough credits',1796033826815525,1796033826815525,1);
CREATE TABLE facts (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "facts" VALUES('installation','hv13',1796033816213818);
INSERT INTO "facts" VALUES('receipts-by:196c045c09d16b8d2804fdf350e34ed6a1f684900d1aa216aebac3874f570cfc','',1796033816230568);
INSERT INTO "facts" VALUES('key','Yt3E91wng9lk4g3RL5ELNtDAZ7Jzlm2dxUZYboy6sdM',1796033816230568);
INSERT INTO "facts" VALUES('sender','ACME',0);
INSERT INTO "facts" VALUES('way_out','',1796033826317083);
INSERT INTO "facts" VALUES('people','["alice", "bob"]',1796033816314725);
INSERT INTO "facts" VALUES('ready','d2315760',1796033826358652);
INSERT INTO "facts" VALUES('credits','999965.0',1796033826407665);
INSERT INTO "facts" VALUES('notice:account:first','',1796033826798701);
CREATE TABLE heartbeats (
	name TEXT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	last_seen_at BIGINT, 
	silent_since BIGINT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE incidents (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	"key" BLOB NOT NULL, 
	team TEXT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	reason VARCHAR(32) NOT NULL, 
	current BOOLEAN NOT NULL, 
	severity SMALLINT NOT NULL, 
	labels TEXT NOT NULL, 
	annotations TEXT NOT NULL, 
	place TEXT NOT NULL, 
	truncated INTEGER NOT NULL, 
	receiver TEXT NOT NULL, 
	source VARCHAR(32) NOT NULL, 
	starts_at BIGINT, 
	latest_start BIGINT, 
	ends_at BIGINT, 
	opened_at BIGINT NOT NULL, 
	closed_at BIGINT, 
	last_seen_at BIGINT NOT NULL, 
	begun_at BIGINT, 
	last_paged_at BIGINT, 
	acked_by TEXT NOT NULL, 
	episode INTEGER NOT NULL, 
	round INTEGER NOT NULL, 
	paged INTEGER NOT NULL, 
	step_due_at BIGINT
, step SMALLINT DEFAULT '0' NOT NULL, step_at BIGINT, step_sent_at BIGINT, acked_at BIGINT, closings TEXT DEFAULT '[]' NOT NULL, flap_due_at BIGINT, absent_at BIGINT, began INTEGER DEFAULT '0' NOT NULL, snoozed_until BIGINT);
INSERT INTO "incidents" VALUES(1,X'5AEE388813A8DCD70BCB87C6D01A3C19','ops','open','firing',1,0,'{"alertname":"Open00","instance":"db-1","severity":"critical"}','{"summary":"Open00 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816430017,'',0,0,1,1796033936362748,0,1796033816362748,1796033816430017,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(2,X'D55EEAA504765F0207E3A273B08D5E99','ops','open','firing',1,0,'{"alertname":"Open01","instance":"db-1","severity":"critical"}','{"summary":"Open01 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816450547,'',0,0,1,1796033936362748,0,1796033816362748,1796033816450547,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(3,X'10FA4245BDFFAB9D6308414AC86E5DBA','ops','open','firing',1,0,'{"alertname":"Open02","instance":"db-1","severity":"critical"}','{"summary":"Open02 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816450847,'',0,0,1,1796033936362748,0,1796033816362748,1796033816450847,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(4,X'70D7B62A50627EFD9ABE5E9F49ADCC00','ops','open','firing',1,0,'{"alertname":"Open03","instance":"db-1","severity":"critical"}','{"summary":"Open03 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816447476,'',0,0,1,1796033936362748,0,1796033816362748,1796033816447476,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(5,X'AD3F14FE84B0523ADF79518FC638AF10','ops','open','firing',1,0,'{"alertname":"Open04","instance":"db-1","severity":"critical"}','{"summary":"Open04 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816468241,'',0,0,1,1796033936362748,0,1796033816362748,1796033816468241,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(6,X'16B6C829217F11A42FC044C1590AEF2B','ops','open','firing',1,0,'{"alertname":"Open05","instance":"db-1","severity":"critical"}','{"summary":"Open05 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816478677,'',0,0,1,1796033936362748,0,1796033816362748,1796033816478677,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(7,X'76B81884DFA2C52E99A24DDCC4953CC5','ops','open','firing',1,0,'{"alertname":"Open06","instance":"db-1","severity":"critical"}','{"summary":"Open06 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816470850,'',0,0,1,1796033936362748,0,1796033816362748,1796033816470850,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(8,X'7F16A06C8629AE108CDC3ED5C8FFBBB1','ops','open','firing',1,0,'{"alertname":"Open07","instance":"db-1","severity":"critical"}','{"summary":"Open07 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816488074,'',0,0,1,1796033936362748,0,1796033816362748,1796033816488074,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(9,X'1C5550832AFB921C349DF60DF099311B','ops','open','firing',1,0,'{"alertname":"Open08","instance":"db-1","severity":"critical"}','{"summary":"Open08 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816493657,'',0,0,1,1796033936362748,0,1796033816362748,1796033816493657,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(10,X'3CC8367A2A62D3C954B1BF342BC496B5','ops','open','firing',1,0,'{"alertname":"Open09","instance":"db-1","severity":"critical"}','{"summary":"Open09 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816492231,'',0,0,1,1796033936362748,0,1796033816362748,1796033816492231,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(11,X'7A724DAF9A52655ADBB30AF37C32ACF7','ops','open','firing',1,0,'{"alertname":"Open10","instance":"db-1","severity":"critical"}','{"summary":"Open10 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816496138,'',0,0,1,1796033936362748,0,1796033816362748,1796033816496138,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(12,X'28B0F5AC40E0F38D080241B5851C98CD','ops','open','firing',1,0,'{"alertname":"Open11","instance":"db-1","severity":"critical"}','{"summary":"Open11 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816503745,'',0,0,1,1796033936362748,0,1796033816362748,1796033816503745,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(13,X'8E9CB99048E2C761F818B51F0E594D21','ops','open','firing',1,0,'{"alertname":"Open12","instance":"db-1","severity":"critical"}','{"summary":"Open12 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816512695,'',0,0,1,1796033936362748,0,1796033816362748,1796033816512695,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(14,X'7E9716EAE6E4854361EFB8A7A510544E','ops','open','firing',1,0,'{"alertname":"Open13","instance":"db-1","severity":"critical"}','{"summary":"Open13 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816505951,'',0,0,1,1796033936362748,0,1796033816362748,1796033816505951,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(15,X'7C14A5D6DCF27B25310B0486B9C43843','ops','open','firing',1,0,'{"alertname":"Open14","instance":"db-1","severity":"critical"}','{"summary":"Open14 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816508633,'',0,0,1,1796033936362748,0,1796033816362748,1796033816508633,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(16,X'03DD475596E6B752F37E5EA103516578','ops','open','firing',1,0,'{"alertname":"Open15","instance":"db-1","severity":"critical"}','{"summary":"Open15 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816528572,'',0,0,1,1796033936362748,0,1796033816362748,1796033816528572,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(17,X'BA43A999211DB7A5AB02A8E004E8C674','ops','open','firing',1,0,'{"alertname":"Open16","instance":"db-1","severity":"critical"}','{"summary":"Open16 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816536677,'',0,0,1,1796033936362748,0,1796033816362748,1796033816536677,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(18,X'7418B9050DC76AC1979E3D3820B3BF9F','ops','open','firing',1,0,'{"alertname":"Open17","instance":"db-1","severity":"critical"}','{"summary":"Open17 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816545941,'',0,0,1,1796033936362748,0,1796033816362748,1796033816545941,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(19,X'4B777A846807BD081240A83F29C624C5','ops','open','firing',1,0,'{"alertname":"Open18","instance":"db-1","severity":"critical"}','{"summary":"Open18 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816548735,'',0,0,1,1796033936362748,0,1796033816362748,1796033816548735,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(20,X'6EE1F465D454C095A7CD594045E423D6','ops','open','firing',1,0,'{"alertname":"Open19","instance":"db-1","severity":"critical"}','{"summary":"Open19 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816548979,'',0,0,1,1796033936362748,0,1796033816362748,1796033816548979,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(21,X'DC69F9B5760A930C967536FA2143DD50','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine00","instance":"db-1","severity":"critical"}','{"summary":"Mine00 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816555206,'alice',0,0,1,1796041026751100,0,1796033816362748,1796033816555206,1796033826751100,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(22,X'C5728AC75119821225D9E030098D5AD3','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine01","instance":"db-1","severity":"critical"}','{"summary":"Mine01 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816565227,'alice',0,0,1,1796041026751100,0,1796033816362748,1796033816565227,1796033826751100,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(23,X'61E933B7A2790F55CD764A3C2658DE52','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine02","instance":"db-1","severity":"critical"}','{"summary":"Mine02 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816572198,'alice',0,0,1,1796041026751100,0,1796033816362748,1796033816572198,1796033826751100,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(24,X'0C8A557BC8AF450D6ED4D50E60876F18','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine03","instance":"db-1","severity":"critical"}','{"summary":"Mine03 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816574380,'alice',0,0,1,1796041026751100,0,1796033816362748,1796033816574380,1796033826751100,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(25,X'68F1074B58F25BFE7F170DF4C545959C','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine04","instance":"db-1","severity":"critical"}','{"summary":"Mine04 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816572395,'alice',0,0,1,1796041026751100,0,1796033816362748,1796033816572395,1796033826751100,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(26,X'D00936913E593B8153370D06156E6E7A','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine05","instance":"db-1","severity":"critical"}','{"summary":"Mine05 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816585969,'alice',0,0,1,1796041026751100,0,1796033816362748,1796033816585969,1796033826751100,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(27,X'373983C6E2A4A8996E15712263779DF4','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine06","instance":"db-1","severity":"critical"}','{"summary":"Mine06 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816589560,'alice',0,0,1,1796041026751100,0,1796033816362748,1796033816589560,1796033826751100,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(28,X'70CC09695046D226D9FBE2C6AF0E7895','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine07","instance":"db-1","severity":"critical"}','{"summary":"Mine07 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816594575,'alice',0,0,1,1796041026751100,0,1796033816362748,1796033816594575,1796033826751100,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(29,X'D16E9A8B5AE0FFFAB36620B845751BAB','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine08","instance":"db-1","severity":"critical"}','{"summary":"Mine08 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816591447,'alice',0,0,1,1796041026751100,0,1796033816362748,1796033816591447,1796033826751100,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(30,X'4A1122F421B0F176603978C510AE888B','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine09","instance":"db-1","severity":"critical"}','{"summary":"Mine09 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816595144,'alice',0,0,1,1796041026751100,0,1796033816362748,1796033816595144,1796033826751100,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(31,X'FC587913B83B034CC054C711A8EDBB77','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine10","instance":"db-1","severity":"critical"}','{"summary":"Mine10 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816605037,'alice',0,0,1,1796041026751100,0,1796033816362748,1796033816605037,1796033826751100,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(32,X'4D5C268EB5AE8DA92762F9F0475133F5','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine11","instance":"db-1","severity":"critical"}','{"summary":"Mine11 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816606277,'alice',0,0,1,1796041026751100,0,1796033816362748,1796033816606277,1796033826751100,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(33,X'9D3D5EEA7528A5AB1F66A59B4BEAA03F','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine12","instance":"db-1","severity":"critical"}','{"summary":"Mine12 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816609695,'alice',0,0,1,1796041026751100,0,1796033816362748,1796033816609695,1796033826751100,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(34,X'544B2095A10F10FFAD5332896058780E','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine13","instance":"db-1","severity":"critical"}','{"summary":"Mine13 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816609251,'alice',0,0,1,1796041026751100,0,1796033816362748,1796033816609251,1796033826751100,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(35,X'8764A5F6DC4D9F58B3EF2DFEA3380910','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine14","instance":"db-1","severity":"critical"}','{"summary":"Mine14 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033816362748,NULL,1796033816362748,NULL,1796033816617863,'alice',0,0,1,1796041026751100,0,1796033816362748,1796033816617863,1796033826751100,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(36,X'6A3A5C3C7B11E7C0B1977E730D2E9AF9','ops','open','firing',1,0,'{"alertname":"Wait00","instance":"db-1","severity":"critical"}','{"summary":"Wait00 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033826782731,NULL,1796033826782731,NULL,NULL,'',0,0,1,1796033946782731,0,1796033826782731,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(37,X'A51DFBD5D4E639C4767ACC644B9E75CB','ops','open','firing',1,0,'{"alertname":"Wait01","instance":"db-1","severity":"critical"}','{"summary":"Wait01 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033826782731,NULL,1796033826782731,NULL,NULL,'',0,0,1,1796033946782731,0,1796033826782731,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(38,X'406C87A9C264EC208597066324A553F7','ops','open','firing',1,0,'{"alertname":"Wait02","instance":"db-1","severity":"critical"}','{"summary":"Wait02 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033826782731,NULL,1796033826782731,NULL,NULL,'',0,0,1,1796033946782731,0,1796033826782731,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(39,X'FCDCEF5AEEB2A66FD2121C0A8E6DF7E6','ops','open','firing',1,0,'{"alertname":"Wait03","instance":"db-1","severity":"critical"}','{"summary":"Wait03 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033826782731,NULL,1796033826782731,NULL,NULL,'',0,0,1,1796033946782731,0,1796033826782731,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(40,X'8C6E92F14CC2B6B475B21B8A98B1F12C','ops','open','firing',1,0,'{"alertname":"Wait04","instance":"db-1","severity":"critical"}','{"summary":"Wait04 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033826782731,NULL,1796033826782731,NULL,NULL,'',0,0,1,1796033946782731,0,1796033826782731,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(41,X'EDD4E52D600E46BA1106182444DA3193','ops','open','firing',1,0,'{"alertname":"Wait05","instance":"db-1","severity":"critical"}','{"summary":"Wait05 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033826782731,NULL,1796033826782731,NULL,NULL,'',0,0,1,1796033946782731,0,1796033826782731,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(42,X'15A191255E3AFA6E652B0A328818A685','ops','open','firing',1,0,'{"alertname":"Wait06","instance":"db-1","severity":"critical"}','{"summary":"Wait06 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033826782731,NULL,1796033826782731,NULL,NULL,'',0,0,1,1796033946782731,0,1796033826782731,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(43,X'05976DEAF1C71E37F57B80BD00D1E3EC','ops','open','firing',1,0,'{"alertname":"Wait07","instance":"db-1","severity":"critical"}','{"summary":"Wait07 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033826782731,NULL,1796033826782731,NULL,NULL,'',0,0,1,1796033946782731,0,1796033826782731,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(44,X'DC88E153E954067D647595EB2B5FD906','ops','open','firing',1,0,'{"alertname":"Wait08","instance":"db-1","severity":"critical"}','{"summary":"Wait08 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033826782731,NULL,1796033826782731,NULL,NULL,'',0,0,1,1796033946782731,0,1796033826782731,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(45,X'70AE06FC8637A4A5919DD06EDACF96AC','ops','open','firing',1,0,'{"alertname":"Wait09","instance":"db-1","severity":"critical"}','{"summary":"Wait09 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033826782731,NULL,1796033826782731,NULL,NULL,'',0,0,1,1796033946782731,0,1796033826782731,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(46,X'5777E38EA7370609E012A7DA798DEA07','ops','open','firing',1,0,'{"alertname":"Wait10","instance":"db-1","severity":"critical"}','{"summary":"Wait10 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033826782731,NULL,1796033826782731,NULL,NULL,'',0,0,1,1796033946782731,0,1796033826782731,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(47,X'CD25AF908381D2361C913102F7B4A604','ops','open','firing',1,0,'{"alertname":"Wait11","instance":"db-1","severity":"critical"}','{"summary":"Wait11 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033826782731,NULL,1796033826782731,NULL,NULL,'',0,0,1,1796033946782731,0,1796033826782731,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(48,X'164046B87168E01D7B310055694A15AA','ops','open','firing',1,0,'{"alertname":"Wait12","instance":"db-1","severity":"critical"}','{"summary":"Wait12 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033826782731,NULL,1796033826782731,NULL,NULL,'',0,0,1,1796033946782731,0,1796033826782731,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(49,X'F433035D76CAE4113C0B14CB1A276DFD','ops','open','firing',1,0,'{"alertname":"Wait13","instance":"db-1","severity":"critical"}','{"summary":"Wait13 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033826782731,NULL,1796033826782731,NULL,NULL,'',0,0,1,1796033946782731,0,1796033826782731,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(50,X'19F7D0212A8474F2FD48B6E12FB1DEAC','ops','open','firing',1,0,'{"alertname":"Wait14","instance":"db-1","severity":"critical"}','{"summary":"Wait14 is broken"}','db-1',0,'sms','alertmanager',1796033213000000,1796033213000000,NULL,1796033826782731,NULL,1796033826782731,NULL,NULL,'',0,0,1,1796033946782731,0,1796033826782731,NULL,NULL,'[]',NULL,NULL,0,NULL);
CREATE TABLE messages (
	id INTEGER NOT NULL, 
	tag VARCHAR(16) NOT NULL, 
	person TEXT NOT NULL, 
	team TEXT NOT NULL, 
	number TEXT NOT NULL, 
	text TEXT NOT NULL, 
	segments SMALLINT NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	priority SMALLINT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	attempts INTEGER NOT NULL, 
	resends INTEGER NOT NULL, 
	resent_at BIGINT, 
	unknown_since BIGINT, 
	due_at BIGINT NOT NULL, 
	lease_owner VARCHAR(32) NOT NULL, 
	lease_until BIGINT, 
	ovh_id BIGINT, 
	asked_at BIGINT NOT NULL, 
	created_at BIGINT NOT NULL, 
	sent_at BIGINT, 
	credits DOUBLE, 
	error TEXT NOT NULL, 
	account VARCHAR(16) NOT NULL, 
	digest INTEGER, 
	streak SMALLINT NOT NULL, 
	receipt_due_at BIGINT, 
	poll_at BIGINT, 
	polls SMALLINT NOT NULL, 
	dlr INTEGER, 
	ptt INTEGER, 
	delivered_at BIGINT, 
	PRIMARY KEY (id), 
	UNIQUE (tag)
);
INSERT INTO "messages" VALUES(1883277955078121902,'hv13mx345u1o1zfy','alice','ops','+33612345678','CRITICAL Open00 db-1: Open00 is broken #1 http://127.0.0.1:28692/a/vpP6MdmaeeY',1,'page',0,'delivered',1,0,NULL,NULL,1796033816412506,'',NULL,100001,1796033816362748,1796033816412506,1796033816430017,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955078275344,'hv13mx345u1o59u8','alice','ops','+33612345678','CRITICAL Open01 db-1: Open01 is broken #2 http://127.0.0.1:28692/a/LLc9f79wQmt',1,'page',0,'delivered',1,0,NULL,NULL,1796033816412506,'',NULL,100002,1796033816362748,1796033816412506,1796033816450547,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955078275345,'hv13mx345u1o59u9','alice','ops','+33612345678','CRITICAL Open02 db-1: Open02 is broken #3 http://127.0.0.1:28692/a/MxSjnFfgMq4',1,'page',0,'delivered',1,0,NULL,NULL,1796033816412506,'',NULL,100003,1796033816362748,1796033816412506,1796033816450847,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955078275346,'hv13mx345u1o59ua','alice','ops','+33612345678','CRITICAL Open03 db-1: Open03 is broken #4 http://127.0.0.1:28692/a/FTWd7cHcexD',1,'page',0,'delivered',1,0,NULL,NULL,1796033816412506,'',NULL,100004,1796033816362748,1796033816412506,1796033816447476,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955122168657,'hv13mx345u2u24i9','alice','ops','+33612345678','CRITICAL Open04 db-1: Open04 is broken #5 http://127.0.0.1:28692/a/sVLAdeBA6dM',1,'page',0,'delivered',1,0,NULL,NULL,1796033816454731,'',NULL,100005,1796033816362748,1796033816454731,1796033816468241,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955129648700,'hv13mx345u3154jg','alice','ops','+33612345678','CRITICAL Open05 db-1: Open05 is broken #6 http://127.0.0.1:28692/a/MKykvdXytaY',1,'page',0,'delivered',1,0,NULL,NULL,1796033816461600,'',NULL,100007,1796033816362748,1796033816461600,1796033816478677,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955129648701,'hv13mx345u3154jh','alice','ops','+33612345678','CRITICAL Open06 db-1: Open06 is broken #7 http://127.0.0.1:28692/a/HfyeNefAwfC',1,'page',0,'delivered',1,0,NULL,NULL,1796033816461600,'',NULL,100006,1796033816362748,1796033816461600,1796033816470850,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955129648702,'hv13mx345u3154ji','alice','ops','+33612345678','CRITICAL Open07 db-1: Open07 is broken #8 http://127.0.0.1:28692/a/3V6Mq4V6EMe',1,'page',0,'delivered',1,0,NULL,NULL,1796033816461600,'',NULL,100008,1796033816362748,1796033816461600,1796033816488074,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955154663420,'hv13mx345u3p1vy4','alice','ops','+33612345678','CRITICAL Open08 db-1: Open08 is broken #9 http://127.0.0.1:28692/a/yapGVG9xxV4',1,'page',0,'delivered',1,0,NULL,NULL,1796033816485248,'',NULL,100010,1796033816362748,1796033816485248,1796033816493657,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955154683664,'hv13mx345u3p2bkg','alice','ops','+33612345678','CRITICAL Open09 db-1: Open09 is broken #10 http://127.0.0.1:28692/a/G3FJ3wQFMM7',1,'page',0,'delivered',1,0,NULL,NULL,1796033816485248,'',NULL,100009,1796033816362748,1796033816485248,1796033816492231,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955154683665,'hv13mx345u3p2bkh','alice','ops','+33612345678','CRITICAL Open10 db-1: Open10 is broken #11 http://127.0.0.1:28692/a/FFNJMDjrMTH',1,'page',0,'delivered',1,0,NULL,NULL,1796033816485248,'',NULL,100011,1796033816362748,1796033816485248,1796033816496138,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955158952779,'hv13mx345u3t3xaj','alice','ops','+33612345678','CRITICAL Open11 db-1: Open11 is broken #12 http://127.0.0.1:28692/a/wEKtaS44XAg',1,'page',0,'delivered',1,0,NULL,NULL,1796033816489506,'',NULL,100012,1796033816362748,1796033816489506,1796033816503745,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955169356986,'hv13mx345u4326d6','alice','ops','+33612345678','CRITICAL Open12 db-1: Open12 is broken #13 http://127.0.0.1:28692/a/LpanTAFGRpp',1,'page',0,'delivered',1,0,NULL,NULL,1796033816499157,'',NULL,100015,1796033816362748,1796033816499157,1796033816512695,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955169356987,'hv13mx345u4326d7','alice','ops','+33612345678','CRITICAL Open13 db-1: Open13 is broken #14 http://127.0.0.1:28692/a/VNLKxKptSxv',1,'page',0,'delivered',1,0,NULL,NULL,1796033816499157,'',NULL,100013,1796033816362748,1796033816499157,1796033816505951,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955169412192,'hv13mx345u433cyo','alice','ops','+33612345678','CRITICAL Open14 db-1: Open14 is broken #15 http://127.0.0.1:28692/a/TRYAn7kjPby',1,'page',0,'delivered',1,0,NULL,NULL,1796033816499157,'',NULL,100014,1796033816362748,1796033816499157,1796033816508633,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955180919247,'hv13mx345u4e2rwv','alice','ops','+33612345678','CRITICAL Open15 db-1: Open15 is broken #16 http://127.0.0.1:28692/a/BCJuQCrxCMD',1,'page',0,'delivered',1,0,NULL,NULL,1796033816510850,'',NULL,100016,1796033816362748,1796033816510850,1796033816528572,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955191290760,'hv13mx345u4o0brc','alice','ops','+33612345678','CRITICAL Open16 db-1: Open16 is broken #17 http://127.0.0.1:28692/a/RzeCE9Vwtzi',1,'page',0,'delivered',1,0,NULL,NULL,1796033816520005,'',NULL,100017,1796033816362748,1796033816520005,1796033816536677,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955205031488,'hv13mx345u512o1s','alice','ops','+33612345678','CRITICAL Open17 db-1: Open17 is broken #18 http://127.0.0.1:28692/a/RiKLCYHderJ',1,'page',0,'delivered',1,0,NULL,NULL,1796033816533387,'',NULL,100018,1796033816362748,1796033816533387,1796033816545941,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955205031489,'hv13mx345u512o1t','alice','ops','+33612345678','CRITICAL Open18 db-1: Open18 is broken #19 http://127.0.0.1:28692/a/5WUEdfsJkgr',1,'page',0,'delivered',1,0,NULL,NULL,1796033816533387,'',NULL,100020,1796033816362748,1796033816533387,1796033816548735,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955205031490,'hv13mx345u512o1u','alice','ops','+33612345678','CRITICAL Open19 db-1: Open19 is broken #20 http://127.0.0.1:28692/a/3j3Mi8gmhJj',1,'page',0,'delivered',1,0,NULL,NULL,1796033816533387,'',NULL,100019,1796033816362748,1796033816533387,1796033816548979,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955210330350,'hv13mx345u563v8u','alice','ops','+33612345678','CRITICAL Mine00 db-1: Mine00 is broken #21 http://127.0.0.1:28692/a/TmgMnMEUSQY',1,'page',0,'delivered',1,0,NULL,NULL,1796033816538139,'',NULL,100021,1796033816362748,1796033816538139,1796033816555206,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955222759553,'hv13mx345u5i0kn5','alice','ops','+33612345678','CRITICAL Mine01 db-1: Mine01 is broken #22 http://127.0.0.1:28692/a/5pVvQKj4Uay',1,'page',0,'delivered',1,0,NULL,NULL,1796033816550495,'',NULL,100023,1796033816362748,1796033816550495,1796033816565227,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955222921509,'hv13mx345u5i41lx','alice','ops','+33612345678','CRITICAL Mine02 db-1: Mine02 is broken #23 http://127.0.0.1:28692/a/xiwdi6DUUEn',1,'page',0,'delivered',1,0,NULL,NULL,1796033816550495,'',NULL,100022,1796033816362748,1796033816550495,1796033816572198,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955222921510,'hv13mx345u5i41ly','alice','ops','+33612345678','CRITICAL Mine03 db-1: Mine03 is broken #24 http://127.0.0.1:28692/a/vmgnmm4yHGf',1,'page',0,'delivered',1,0,NULL,NULL,1796033816550495,'',NULL,100024,1796033816362748,1796033816550495,1796033816574380,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955231172176,'hv13mx345u5q1368','alice','ops','+33612345678','CRITICAL Mine04 db-1: Mine04 is broken #25 http://127.0.0.1:28692/a/REqdntmydCf',1,'page',0,'delivered',1,0,NULL,NULL,1796033816558665,'',NULL,100025,1796033816362748,1796033816558665,1796033816572395,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955253255371,'hv13mx345u6b2fuz','alice','ops','+33612345678','CRITICAL Mine05 db-1: Mine05 is broken #26 http://127.0.0.1:28692/a/56wNdNbmcTF',1,'page',0,'delivered',1,0,NULL,NULL,1796033816579473,'',NULL,100026,1796033816362748,1796033816579473,1796033816585969,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955253298424,'hv13mx345u6b3d2w','alice','ops','+33612345678','CRITICAL Mine06 db-1: Mine06 is broken #27 http://127.0.0.1:28692/a/AjkygxGiESK',1,'page',0,'delivered',1,0,NULL,NULL,1796033816579473,'',NULL,100029,1796033816362748,1796033816579473,1796033816589560,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955253298425,'hv13mx345u6b3d2x','alice','ops','+33612345678','CRITICAL Mine07 db-1: Mine07 is broken #28 http://127.0.0.1:28692/a/inDUhx3xKCb',1,'page',0,'delivered',1,0,NULL,NULL,1796033816579473,'',NULL,100027,1796033816362748,1796033816579473,1796033816594575,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955255282628,'hv13mx345u6d0xxg','alice','ops','+33612345678','CRITICAL Mine08 db-1: Mine08 is broken #29 http://127.0.0.1:28692/a/GsnEW9AFsfz',1,'page',0,'delivered',1,0,NULL,NULL,1796033816581877,'',NULL,100028,1796033816362748,1796033816581877,1796033816591447,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955263756635,'hv13mx345u6l2rtn','alice','ops','+33612345678','CRITICAL Mine09 db-1: Mine09 is broken #30 http://127.0.0.1:28692/a/GBk8rV7sBUD',1,'page',0,'delivered',1,0,NULL,NULL,1796033816589847,'',NULL,100030,1796033816362748,1796033816589847,1796033816595144,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955266841135,'hv13mx345u6o1gkv','alice','ops','+33612345678','CRITICAL Mine10 db-1: Mine10 is broken #31 http://127.0.0.1:28692/a/bziG3bmjEwX',1,'page',0,'delivered',1,0,NULL,NULL,1796033816592896,'',NULL,100032,1796033816362748,1796033816592896,1796033816605037,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955266841136,'hv13mx345u6o1gkw','alice','ops','+33612345678','CRITICAL Mine11 db-1: Mine11 is broken #32 http://127.0.0.1:28692/a/Y6skPyVqPuK',1,'page',0,'delivered',1,0,NULL,NULL,1796033816592896,'',NULL,100031,1796033816362748,1796033816592896,1796033816606277,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955274243758,'hv13mx345u6v2svi','alice','ops','+33612345678','CRITICAL Mine12 db-1: Mine12 is broken #33 http://127.0.0.1:28692/a/8B6VEnxqSz9',1,'page',0,'delivered',1,0,NULL,NULL,1796033816599249,'',NULL,100034,1796033816362748,1796033816599249,1796033816609695,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955274278731,'hv13mx345u6v3juz','alice','ops','+33612345678','CRITICAL Mine13 db-1: Mine13 is broken #34 http://127.0.0.1:28692/a/3BNUDVkHDYL',1,'page',0,'delivered',1,0,NULL,NULL,1796033816599249,'',NULL,100033,1796033816362748,1796033816599249,1796033816609251,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277955282582083,'hv13mx345u731q2r','alice','ops','+33612345678','CRITICAL Mine14 db-1: Mine14 is broken #35 http://127.0.0.1:28692/a/gVqbxNTPCCB',1,'page',0,'delivered',1,0,NULL,NULL,1796033816607461,'',NULL,100035,1796033816362748,1796033816607461,1796033816617863,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033817000000);
INSERT INTO "messages" VALUES(1883277965961295436,'hv13mx34621z21xo','alice','ops','+33612345678','CRITICAL Wait00 db-1: Wait00 is broken #36 http://127.0.0.1:28692/a/hN68LGqajah',1,'page',0,'queued',1,0,NULL,NULL,1796033826798166,'',NULL,NULL,1796033826782731,1796033826791644,NULL,NULL,'send: 403 NOT_ENOUGH_CREDITS: Not enough credits (query SANDBOX.6b0d4d22.65)','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(1883277965961369510,'hv13mx34621z3n3a','alice','ops','+33612345678','CRITICAL Wait01 db-1: Wait01 is broken #37 http://127.0.0.1:28692/a/dpuVEEBCMmK',1,'page',0,'queued',1,0,NULL,NULL,1796033826814502,'',NULL,NULL,1796033826782731,1796033826791644,NULL,NULL,'send: 403 NOT_ENOUGH_CREDITS: Not enough credits (query SANDBOX.6b0d4d22.66)','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(1883277965961426345,'hv13mx34621z4uy1','alice','ops','+33612345678','CRITICAL Wait02 db-1: Wait02 is broken #38 http://127.0.0.1:28692/a/i3vbsHhLKkU',1,'page',0,'queued',1,0,NULL,NULL,1796033826815525,'',NULL,NULL,1796033826782731,1796033826791644,NULL,NULL,'send: 403 NOT_ENOUGH_CREDITS: Not enough credits (query SANDBOX.6b0d4d22.68)','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(1883277965961426346,'hv13mx34621z4uy2','alice','ops','+33612345678','CRITICAL Wait03 db-1: Wait03 is broken #39 http://127.0.0.1:28692/a/pUjTqH8EKTv',1,'page',0,'queued',1,0,NULL,NULL,1796033826814844,'',NULL,NULL,1796033826782731,1796033826791644,NULL,NULL,'send: 403 NOT_ENOUGH_CREDITS: Not enough credits (query SANDBOX.6b0d4d22.67)','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
CREATE TABLE pages (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	incident_id INTEGER, 
	person TEXT NOT NULL, 
	team TEXT NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	priority SMALLINT NOT NULL, 
	due_at BIGINT NOT NULL, 
	created_at BIGINT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	episode INTEGER NOT NULL, 
	round INTEGER DEFAULT '0' NOT NULL, 
	step INTEGER DEFAULT '0' NOT NULL, 
	nth INTEGER NOT NULL, 
	after_page INTEGER, 
	message_id INTEGER, 
	phone SMALLINT NOT NULL, 
	plain BOOLEAN NOT NULL, 
	note TEXT NOT NULL, 
	CONSTRAINT pages_once UNIQUE (incident_id, person, kind, episode, round, step, nth, phone)
);
INSERT INTO "pages" VALUES(1,1,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955078121902,0,0,'');
INSERT INTO "pages" VALUES(2,2,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955078275344,0,0,'');
INSERT INTO "pages" VALUES(3,3,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955078275345,0,0,'');
INSERT INTO "pages" VALUES(4,4,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955078275346,0,0,'');
INSERT INTO "pages" VALUES(5,5,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955122168657,0,0,'');
INSERT INTO "pages" VALUES(6,6,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955129648700,0,0,'');
INSERT INTO "pages" VALUES(7,7,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955129648701,0,0,'');
INSERT INTO "pages" VALUES(8,8,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955129648702,0,0,'');
INSERT INTO "pages" VALUES(9,9,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955154663420,0,0,'');
INSERT INTO "pages" VALUES(10,10,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955154683664,0,0,'');
INSERT INTO "pages" VALUES(11,11,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955154683665,0,0,'');
INSERT INTO "pages" VALUES(12,12,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955158952779,0,0,'');
INSERT INTO "pages" VALUES(13,13,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955169356986,0,0,'');
INSERT INTO "pages" VALUES(14,14,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955169356987,0,0,'');
INSERT INTO "pages" VALUES(15,15,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955169412192,0,0,'');
INSERT INTO "pages" VALUES(16,16,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955180919247,0,0,'');
INSERT INTO "pages" VALUES(17,17,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955191290760,0,0,'');
INSERT INTO "pages" VALUES(18,18,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955205031488,0,0,'');
INSERT INTO "pages" VALUES(19,19,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955205031489,0,0,'');
INSERT INTO "pages" VALUES(20,20,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955205031490,0,0,'');
INSERT INTO "pages" VALUES(21,21,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955210330350,0,0,'');
INSERT INTO "pages" VALUES(22,22,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955222759553,0,0,'');
INSERT INTO "pages" VALUES(23,23,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955222921509,0,0,'');
INSERT INTO "pages" VALUES(24,24,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955222921510,0,0,'');
INSERT INTO "pages" VALUES(25,25,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955231172176,0,0,'');
INSERT INTO "pages" VALUES(26,26,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955253255371,0,0,'');
INSERT INTO "pages" VALUES(27,27,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955253298424,0,0,'');
INSERT INTO "pages" VALUES(28,28,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955253298425,0,0,'');
INSERT INTO "pages" VALUES(29,29,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955255282628,0,0,'');
INSERT INTO "pages" VALUES(30,30,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955263756635,0,0,'');
INSERT INTO "pages" VALUES(31,31,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955266841135,0,0,'');
INSERT INTO "pages" VALUES(32,32,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955266841136,0,0,'');
INSERT INTO "pages" VALUES(33,33,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955274243758,0,0,'');
INSERT INTO "pages" VALUES(34,34,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955274278731,0,0,'');
INSERT INTO "pages" VALUES(35,35,'alice','ops','page',0,1796033816362748,1796033816362748,'claimed',0,0,0,0,NULL,1883277955282582083,0,0,'');
INSERT INTO "pages" VALUES(36,36,'alice','ops','page',0,1796033826782731,1796033826782731,'claimed',0,0,0,0,NULL,1883277965961295436,0,0,'');
INSERT INTO "pages" VALUES(37,37,'alice','ops','page',0,1796033826782731,1796033826782731,'claimed',0,0,0,0,NULL,1883277965961369510,0,0,'');
INSERT INTO "pages" VALUES(38,38,'alice','ops','page',0,1796033826782731,1796033826782731,'claimed',0,0,0,0,NULL,1883277965961426345,0,0,'');
INSERT INTO "pages" VALUES(39,39,'alice','ops','page',0,1796033826782731,1796033826782731,'claimed',0,0,0,0,NULL,1883277965961426346,0,0,'');
INSERT INTO "pages" VALUES(40,40,'alice','ops','page',0,1796033826782731,1796033826782731,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(41,41,'alice','ops','page',0,1796033826782731,1796033826782731,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(42,42,'alice','ops','page',0,1796033826782731,1796033826782731,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(43,43,'alice','ops','page',0,1796033826782731,1796033826782731,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(44,44,'alice','ops','page',0,1796033826782731,1796033826782731,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(45,45,'alice','ops','page',0,1796033826782731,1796033826782731,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(46,46,'alice','ops','page',0,1796033826782731,1796033826782731,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(47,47,'alice','ops','page',0,1796033826782731,1796033826782731,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(48,48,'alice','ops','page',0,1796033826782731,1796033826782731,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(49,49,'alice','ops','page',0,1796033826782731,1796033826782731,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(50,50,'alice','ops','page',0,1796033826782731,1796033826782731,'queued',0,0,0,0,NULL,NULL,0,0,'');
CREATE TABLE pauses (
	id INTEGER NOT NULL, 
	team TEXT NOT NULL, 
	begins_at BIGINT NOT NULL, 
	ends_at BIGINT NOT NULL, 
	"by" TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE posts (
	id INTEGER NOT NULL, 
	target TEXT NOT NULL, 
	incident_id INTEGER, 
	kind VARCHAR(16) NOT NULL, 
	episode INTEGER NOT NULL, 
	nth INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	due_at BIGINT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	attempts INTEGER NOT NULL, 
	lease_until BIGINT, 
	error TEXT NOT NULL, took TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT posts_once UNIQUE (target, incident_id, kind, episode, nth)
);
CREATE TABLE "tokens" (
	token VARCHAR(16) NOT NULL, 
	person TEXT NOT NULL, 
	incident_id INTEGER, 
	digest INTEGER, 
	number TEXT, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (token)
);
INSERT INTO "tokens" VALUES('vpP6MdmaeeY','alice',1,NULL,NULL,1796033816412506);
INSERT INTO "tokens" VALUES('LLc9f79wQmt','alice',2,NULL,NULL,1796033816412506);
INSERT INTO "tokens" VALUES('MxSjnFfgMq4','alice',3,NULL,NULL,1796033816412506);
INSERT INTO "tokens" VALUES('FTWd7cHcexD','alice',4,NULL,NULL,1796033816412506);
INSERT INTO "tokens" VALUES('sVLAdeBA6dM','alice',5,NULL,NULL,1796033816454731);
INSERT INTO "tokens" VALUES('MKykvdXytaY','alice',6,NULL,NULL,1796033816461600);
INSERT INTO "tokens" VALUES('HfyeNefAwfC','alice',7,NULL,NULL,1796033816461600);
INSERT INTO "tokens" VALUES('3V6Mq4V6EMe','alice',8,NULL,NULL,1796033816461600);
INSERT INTO "tokens" VALUES('yapGVG9xxV4','alice',9,NULL,NULL,1796033816485248);
INSERT INTO "tokens" VALUES('G3FJ3wQFMM7','alice',10,NULL,NULL,1796033816485248);
INSERT INTO "tokens" VALUES('FFNJMDjrMTH','alice',11,NULL,NULL,1796033816485248);
INSERT INTO "tokens" VALUES('wEKtaS44XAg','alice',12,NULL,NULL,1796033816489506);
INSERT INTO "tokens" VALUES('LpanTAFGRpp','alice',13,NULL,NULL,1796033816499157);
INSERT INTO "tokens" VALUES('VNLKxKptSxv','alice',14,NULL,NULL,1796033816499157);
INSERT INTO "tokens" VALUES('TRYAn7kjPby','alice',15,NULL,NULL,1796033816499157);
INSERT INTO "tokens" VALUES('BCJuQCrxCMD','alice',16,NULL,NULL,1796033816510850);
INSERT INTO "tokens" VALUES('RzeCE9Vwtzi','alice',17,NULL,NULL,1796033816520005);
INSERT INTO "tokens" VALUES('RiKLCYHderJ','alice',18,NULL,NULL,1796033816533387);
INSERT INTO "tokens" VALUES('5WUEdfsJkgr','alice',19,NULL,NULL,1796033816533387);
INSERT INTO "tokens" VALUES('3j3Mi8gmhJj','alice',20,NULL,NULL,1796033816533387);
INSERT INTO "tokens" VALUES('TmgMnMEUSQY','alice',21,NULL,NULL,1796033816538139);
INSERT INTO "tokens" VALUES('5pVvQKj4Uay','alice',22,NULL,NULL,1796033816550495);
INSERT INTO "tokens" VALUES('xiwdi6DUUEn','alice',23,NULL,NULL,1796033816550495);
INSERT INTO "tokens" VALUES('vmgnmm4yHGf','alice',24,NULL,NULL,1796033816550495);
INSERT INTO "tokens" VALUES('REqdntmydCf','alice',25,NULL,NULL,1796033816558665);
INSERT INTO "tokens" VALUES('56wNdNbmcTF','alice',26,NULL,NULL,1796033816579473);
INSERT INTO "tokens" VALUES('AjkygxGiESK','alice',27,NULL,NULL,1796033816579473);
INSERT INTO "tokens" VALUES('inDUhx3xKCb','alice',28,NULL,NULL,1796033816579473);
INSERT INTO "tokens" VALUES('GsnEW9AFsfz','alice',29,NULL,NULL,1796033816581877);
INSERT INTO "tokens" VALUES('GBk8rV7sBUD','alice',30,NULL,NULL,1796033816589847);
INSERT INTO "tokens" VALUES('bziG3bmjEwX','alice',31,NULL,NULL,1796033816592896);
INSERT INTO "tokens" VALUES('Y6skPyVqPuK','alice',32,NULL,NULL,1796033816592896);
INSERT INTO "tokens" VALUES('8B6VEnxqSz9','alice',33,NULL,NULL,1796033816599249);
INSERT INTO "tokens" VALUES('3BNUDVkHDYL','alice',34,NULL,NULL,1796033816599249);
INSERT INTO "tokens" VALUES('gVqbxNTPCCB','alice',35,NULL,NULL,1796033816607461);
INSERT INTO "tokens" VALUES('hN68LGqajah','alice',36,NULL,NULL,1796033826791644);
INSERT INTO "tokens" VALUES('dpuVEEBCMmK','alice',37,NULL,NULL,1796033826791644);
INSERT INTO "tokens" VALUES('i3vbsHhLKkU','alice',38,NULL,NULL,1796033826791644);
INSERT INTO "tokens" VALUES('pUjTqH8EKTv','alice',39,NULL,NULL,1796033826791644);
CREATE INDEX incidents_closed ON incidents (closed_at) WHERE state = 'closed';
CREATE UNIQUE INDEX incidents_current ON incidents ("key", team) WHERE current = 1;
CREATE INDEX incidents_due ON incidents (step_due_at, id) WHERE step_due_at IS NOT NULL;
CREATE INDEX incidents_held ON incidents (id) WHERE state = 'held';
CREATE INDEX incidents_unfinished ON incidents (last_seen_at) WHERE state <> 'closed';
CREATE INDEX pages_after ON pages (after_page) WHERE state = 'waiting';
CREATE INDEX pages_due ON pages (priority, due_at, id) WHERE state = 'queued';
CREATE INDEX pages_person ON pages (person, state, priority, created_at);
CREATE INDEX pages_message ON pages (message_id);
CREATE INDEX messages_created ON messages (created_at);
CREATE INDEX messages_digest ON messages (digest) WHERE digest IS NOT NULL;
CREATE INDEX messages_due ON messages (priority, due_at, id) WHERE state = 'queued';
CREATE INDEX messages_leased ON messages (lease_until) WHERE state = 'sending';
CREATE INDEX messages_ovh_id ON messages (ovh_id);
CREATE INDEX messages_overdue ON messages (receipt_due_at) WHERE receipt_due_at IS NOT NULL;
CREATE INDEX messages_person ON messages (person, sent_at);
CREATE INDEX messages_polled ON messages (poll_at) WHERE poll_at IS NOT NULL;
CREATE INDEX messages_unknown ON messages (due_at, id) WHERE state = 'unknown';
CREATE INDEX posts_incident ON posts (incident_id);
CREATE INDEX posts_due ON posts (due_at, id) WHERE state = 'queued';
CREATE INDEX posts_created ON posts (created_at);
CREATE INDEX pauses_ends ON pauses (ends_at);
CREATE INDEX tokens_created ON tokens (created_at);
CREATE INDEX tokens_incident ON tokens (incident_id) WHERE incident_id IS NOT NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('incidents',50);
INSERT INTO "sqlite_sequence" VALUES('pages',50);
COMMIT;
