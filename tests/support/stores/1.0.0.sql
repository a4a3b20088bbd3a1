-- at 1796033132766803
-- since 1796032517720471
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
INSERT INTO "events" VALUES(1,1,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(2,2,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(3,3,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(4,4,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(5,5,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(6,6,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(7,7,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(8,8,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(9,9,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(10,10,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(11,11,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(12,12,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(13,13,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(14,14,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(15,15,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(16,16,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(17,17,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(18,18,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(19,19,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(20,20,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(21,21,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(22,22,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(23,23,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(24,24,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(25,25,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(26,26,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(27,27,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(28,28,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(29,29,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(30,30,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(31,31,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(32,32,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(33,33,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(34,34,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(35,35,0,'paged','firing','alice (team ops, root route)',1796033119250463,1796033119250463,1);
INSERT INTO "events" VALUES(36,2,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100002, tag 15y7mx33qw4r35an, 1 credit',1796033119293713,1796033119293713,1);
INSERT INTO "events" VALUES(37,1,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100001, tag 15y7mx33qw4r35am, 1 credit',1796033119297414,1796033119297414,1);
INSERT INTO "events" VALUES(38,3,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100003, tag 15y7mx33qw4r35ao, 1 credit',1796033119302970,1796033119302970,1);
INSERT INTO "events" VALUES(39,4,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100004, tag 15y7mx33qw4r558h, 1 credit',1796033119304189,1796033119304189,1);
INSERT INTO "events" VALUES(40,7,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100006, tag 15y7mx33qw5m59h7, 1 credit',1796033119319678,1796033119319678,1);
INSERT INTO "events" VALUES(41,5,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100005, tag 15y7mx33qw5m1j8q, 1 credit',1796033119322382,1796033119322382,1);
INSERT INTO "events" VALUES(42,6,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100007, tag 15y7mx33qw5m4hef, 1 credit',1796033119323568,1796033119323568,1);
INSERT INTO "events" VALUES(43,8,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100008, tag 15y7mx33qw5q17qe, 1 credit',1796033119336580,1796033119336580,1);
INSERT INTO "events" VALUES(44,9,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100009, tag 15y7mx33qw650klj, 1 credit',1796033119339862,1796033119339862,1);
INSERT INTO "events" VALUES(45,11,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100010, tag 15y7mx33qw6f4epz, 1 credit',1796033119345330,1796033119345330,1);
INSERT INTO "events" VALUES(46,10,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100011, tag 15y7mx33qw6f2tb8, 1 credit',1796033119347862,1796033119347862,1);
INSERT INTO "events" VALUES(47,12,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100012, tag 15y7mx33qw6m0r6y, 1 credit',1796033119352969,1796033119352969,1);
INSERT INTO "events" VALUES(48,16,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100014, tag 15y7mx33qw6v4575, 1 credit',1796033119359638,1796033119359638,1);
INSERT INTO "events" VALUES(49,13,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100013, tag 15y7mx33qw6m54fw, 1 credit',1796033119360411,1796033119360411,1);
INSERT INTO "events" VALUES(50,14,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100015, tag 15y7mx33qw6v2xjf, 1 credit',1796033119362513,1796033119362513,1);
INSERT INTO "events" VALUES(51,15,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100016, tag 15y7mx33qw6v3mf3, 1 credit',1796033119364477,1796033119364477,1);
INSERT INTO "events" VALUES(52,17,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100017, tag 15y7mx33qw774w3g, 1 credit',1796033119371496,1796033119371496,1);
INSERT INTO "events" VALUES(53,18,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100018, tag 15y7mx33qw7b09c8, 1 credit',1796033119378096,1796033119378096,1);
INSERT INTO "events" VALUES(54,19,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100019, tag 15y7mx33qw7b288u, 1 credit',1796033119379783,1796033119379783,1);
INSERT INTO "events" VALUES(55,20,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100020, tag 15y7mx33qw7b288v, 1 credit',1796033119381186,1796033119381186,1);
INSERT INTO "events" VALUES(56,21,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100021, tag 15y7mx33qw7i1adp, 1 credit',1796033119392692,1796033119392692,1);
INSERT INTO "events" VALUES(57,22,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100022, tag 15y7mx33qw7u12qk, 1 credit',1796033119402264,1796033119402264,1);
INSERT INTO "events" VALUES(58,23,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100023, tag 15y7mx33qw7u52p6, 1 credit',1796033119404146,1796033119404146,1);
INSERT INTO "events" VALUES(59,25,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100025, tag 15y7mx33qw86442x, 1 credit',1796033119410990,1796033119410990,1);
INSERT INTO "events" VALUES(60,24,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100024, tag 15y7mx33qw821xx6, 1 credit',1796033119413287,1796033119413287,1);
INSERT INTO "events" VALUES(61,27,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100026, tag 15y7mx33qw8g3pcs, 1 credit',1796033119416950,1796033119416950,1);
INSERT INTO "events" VALUES(62,26,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100027, tag 15y7mx33qw8g3pcr, 1 credit',1796033119417901,1796033119417901,1);
INSERT INTO "events" VALUES(63,29,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100028, tag 15y7mx33qw8s2rhs, 1 credit',1796033119425751,1796033119425751,1);
INSERT INTO "events" VALUES(64,28,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100029, tag 15y7mx33qw8n02cj, 1 credit',1796033119426963,1796033119426963,1);
INSERT INTO "events" VALUES(65,30,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100030, tag 15y7mx33qw8s37uz, 1 credit',1796033119431712,1796033119431712,1);
INSERT INTO "events" VALUES(66,31,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100031, tag 15y7mx33qw8z5a20, 1 credit',1796033119433316,1796033119433316,1);
INSERT INTO "events" VALUES(67,33,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100032, tag 15y7mx33qw923pzw, 1 credit',1796033119441810,1796033119441810,1);
INSERT INTO "events" VALUES(68,32,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100033, tag 15y7mx33qw923pzv, 1 credit',1796033119447256,1796033119447256,1);
INSERT INTO "events" VALUES(69,34,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100034, tag 15y7mx33qw9815z2, 1 credit',1796033119449263,1796033119449263,1);
INSERT INTO "events" VALUES(70,35,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100035, tag 15y7mx33qw9e1hwg, 1 credit',1796033119454099,1796033119454099,1);
INSERT INTO "events" VALUES(71,2,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129303687,1796033129303687,1);
INSERT INTO "events" VALUES(72,1,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129315524,1796033129315524,1);
INSERT INTO "events" VALUES(73,3,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129315524,1796033129315524,1);
INSERT INTO "events" VALUES(74,4,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129315524,1796033129315524,1);
INSERT INTO "events" VALUES(75,7,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129325807,1796033129325807,1);
INSERT INTO "events" VALUES(76,5,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129329779,1796033129329779,1);
INSERT INTO "events" VALUES(77,6,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129329779,1796033129329779,1);
INSERT INTO "events" VALUES(78,8,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129342119,1796033129342119,1);
INSERT INTO "events" VALUES(79,9,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129347646,1796033129347646,1);
INSERT INTO "events" VALUES(80,10,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129352139,1796033129352139,1);
INSERT INTO "events" VALUES(81,11,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129352139,1796033129352139,1);
INSERT INTO "events" VALUES(82,12,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129356113,1796033129356113,1);
INSERT INTO "events" VALUES(83,16,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129366971,1796033129366971,1);
INSERT INTO "events" VALUES(84,13,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129375636,1796033129375636,1);
INSERT INTO "events" VALUES(85,14,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129375636,1796033129375636,1);
INSERT INTO "events" VALUES(86,15,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129375636,1796033129375636,1);
INSERT INTO "events" VALUES(87,17,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129380240,1796033129380240,1);
INSERT INTO "events" VALUES(88,18,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129384614,1796033129384614,1);
INSERT INTO "events" VALUES(89,19,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129384614,1796033129384614,1);
INSERT INTO "events" VALUES(90,20,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129384614,1796033129384614,1);
INSERT INTO "events" VALUES(91,21,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129396930,1796033129396930,1);
INSERT INTO "events" VALUES(92,22,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129406736,1796033129406736,1);
INSERT INTO "events" VALUES(93,23,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129410745,1796033129410745,1);
INSERT INTO "events" VALUES(94,25,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129414820,1796033129414820,1);
INSERT INTO "events" VALUES(95,24,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129421971,1796033129421971,1);
INSERT INTO "events" VALUES(96,26,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129426631,1796033129426631,1);
INSERT INTO "events" VALUES(97,27,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129426631,1796033129426631,1);
INSERT INTO "events" VALUES(98,28,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129435752,1796033129435752,1);
INSERT INTO "events" VALUES(99,29,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129435752,1796033129435752,1);
INSERT INTO "events" VALUES(100,30,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129435752,1796033129435752,1);
INSERT INTO "events" VALUES(101,31,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129444607,1796033129444607,1);
INSERT INTO "events" VALUES(102,33,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129448927,1796033129448927,1);
INSERT INTO "events" VALUES(103,32,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129452639,1796033129452639,1);
INSERT INTO "events" VALUES(104,34,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129452639,1796033129452639,1);
INSERT INTO "events" VALUES(105,35,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033129456883,1796033129456883,1);
INSERT INTO "events" VALUES(106,21,0,'answered','acknowledged','alice, by api',1796033129657765,1796033129657765,1);
INSERT INTO "events" VALUES(107,22,0,'answered','acknowledged','alice, by api',1796033129657765,1796033129657765,1);
INSERT INTO "events" VALUES(108,23,0,'answered','acknowledged','alice, by api',1796033129657765,1796033129657765,1);
INSERT INTO "events" VALUES(109,24,0,'answered','acknowledged','alice, by api',1796033129657765,1796033129657765,1);
INSERT INTO "events" VALUES(110,25,0,'answered','acknowledged','alice, by api',1796033129657765,1796033129657765,1);
INSERT INTO "events" VALUES(111,26,0,'answered','acknowledged','alice, by api',1796033129657765,1796033129657765,1);
INSERT INTO "events" VALUES(112,27,0,'answered','acknowledged','alice, by api',1796033129657765,1796033129657765,1);
INSERT INTO "events" VALUES(113,28,0,'answered','acknowledged','alice, by api',1796033129657765,1796033129657765,1);
INSERT INTO "events" VALUES(114,29,0,'answered','acknowledged','alice, by api',1796033129657765,1796033129657765,1);
INSERT INTO "events" VALUES(115,30,0,'answered','acknowledged','alice, by api',1796033129657765,1796033129657765,1);
INSERT INTO "events" VALUES(116,31,0,'answered','acknowledged','alice, by api',1796033129657765,1796033129657765,1);
INSERT INTO "events" VALUES(117,32,0,'answered','acknowledged','alice, by api',1796033129657765,1796033129657765,1);
INSERT INTO "events" VALUES(118,33,0,'answered','acknowledged','alice, by api',1796033129657765,1796033129657765,1);
INSERT INTO "events" VALUES(119,34,0,'answered','acknowledged','alice, by api',1796033129657765,1796033129657765,1);
INSERT INTO "events" VALUES(120,35,0,'answered','acknowledged','alice, by api',1796033129657765,1796033129657765,1);
INSERT INTO "events" VALUES(121,36,0,'paged','firing','alice (team ops, root route)',1796033129674248,1796033129674248,1);
INSERT INTO "events" VALUES(122,37,0,'paged','firing','alice (team ops, root route)',1796033129674248,1796033129674248,1);
INSERT INTO "events" VALUES(123,38,0,'paged','firing','alice (team ops, root route)',1796033129674248,1796033129674248,1);
INSERT INTO "events" VALUES(124,39,0,'paged','firing','alice (team ops, root route)',1796033129674248,1796033129674248,1);
INSERT INTO "events" VALUES(125,40,0,'paged','firing','alice (team ops, root route)',1796033129674248,1796033129674248,1);
INSERT INTO "events" VALUES(126,41,0,'paged','firing','alice (team ops, root route)',1796033129674248,1796033129674248,1);
INSERT INTO "events" VALUES(127,42,0,'paged','firing','alice (team ops, root route)',1796033129674248,1796033129674248,1);
INSERT INTO "events" VALUES(128,43,0,'paged','firing','alice (team ops, root route)',1796033129674248,1796033129674248,1);
INSERT INTO "events" VALUES(129,44,0,'paged','firing','alice (team ops, root route)',1796033129674248,1796033129674248,1);
INSERT INTO "events" VALUES(130,45,0,'paged','firing','alice (team ops, root route)',1796033129674248,1796033129674248,1);
INSERT INTO "events" VALUES(131,46,0,'paged','firing','alice (team ops, root route)',1796033129674248,1796033129674248,1);
INSERT INTO "events" VALUES(132,47,0,'paged','firing','alice (team ops, root route)',1796033129674248,1796033129674248,1);
INSERT INTO "events" VALUES(133,48,0,'paged','firing','alice (team ops, root route)',1796033129674248,1796033129674248,1);
INSERT INTO "events" VALUES(134,49,0,'paged','firing','alice (team ops, root route)',1796033129674248,1796033129674248,1);
INSERT INTO "events" VALUES(135,50,0,'paged','firing','alice (team ops, root route)',1796033129674248,1796033129674248,1);
INSERT INTO "events" VALUES(136,38,0,'attempt','retry','SMS to alice (+33*******78): send: 403 NOT_ENOUGH_CREDITS: Not enough credits',1796033129690233,1796033129690233,1);
INSERT INTO "events" VALUES(137,36,0,'attempt','retry','SMS to alice (+33*******78): send: 403 NOT_ENOUGH_CREDITS: Not enough credits',1796033129691467,1796033129691467,1);
INSERT INTO "events" VALUES(138,37,0,'attempt','retry','SMS to alice (+33*******78): send: 403 NOT_ENOUGH_CREDITS: Not enough credits',1796033129691896,1796033129691896,1);
INSERT INTO "events" VALUES(139,39,0,'attempt','retry','SMS to alice (+33*******78): send: 403 NOT_ENOUGH_CREDITS: Not enough credits',1796033129692210,1796033129692210,1);
CREATE TABLE facts (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "facts" VALUES('installation','15y7',1796033119140115);
INSERT INTO "facts" VALUES('receipts-by:196c045c09d16b8d2804fdf350e34ed6a1f684900d1aa216aebac3874f570cfc','',1796033119146115);
INSERT INTO "facts" VALUES('key','Yt3E91wng9lk4g3RL5ELNtDAZ7Jzlm2dxUZYboy6sdM',1796033119146115);
INSERT INTO "facts" VALUES('sender','ACME',0);
INSERT INTO "facts" VALUES('way_out','',1796033129190166);
INSERT INTO "facts" VALUES('people','["alice", "bob"]',1796033119194533);
INSERT INTO "facts" VALUES('ready','36de9c07',1796033129249853);
INSERT INTO "facts" VALUES('credits','999965.0',1796033129287399);
INSERT INTO "facts" VALUES('notice:account:first','',1796033129692504);
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
INSERT INTO "incidents" VALUES(1,X'5AEE388813A8DCD70BCB87C6D01A3C19','ops','open','firing',1,0,'{"alertname":"Open00","instance":"db-1","severity":"critical"}','{"summary":"Open00 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119297414,'',0,0,1,1796033239250463,0,1796033119250463,1796033119297414,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(2,X'D55EEAA504765F0207E3A273B08D5E99','ops','open','firing',1,0,'{"alertname":"Open01","instance":"db-1","severity":"critical"}','{"summary":"Open01 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119293713,'',0,0,1,1796033239250463,0,1796033119250463,1796033119293713,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(3,X'10FA4245BDFFAB9D6308414AC86E5DBA','ops','open','firing',1,0,'{"alertname":"Open02","instance":"db-1","severity":"critical"}','{"summary":"Open02 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119302970,'',0,0,1,1796033239250463,0,1796033119250463,1796033119302970,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(4,X'70D7B62A50627EFD9ABE5E9F49ADCC00','ops','open','firing',1,0,'{"alertname":"Open03","instance":"db-1","severity":"critical"}','{"summary":"Open03 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119304189,'',0,0,1,1796033239250463,0,1796033119250463,1796033119304189,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(5,X'AD3F14FE84B0523ADF79518FC638AF10','ops','open','firing',1,0,'{"alertname":"Open04","instance":"db-1","severity":"critical"}','{"summary":"Open04 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119322382,'',0,0,1,1796033239250463,0,1796033119250463,1796033119322382,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(6,X'16B6C829217F11A42FC044C1590AEF2B','ops','open','firing',1,0,'{"alertname":"Open05","instance":"db-1","severity":"critical"}','{"summary":"Open05 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119323568,'',0,0,1,1796033239250463,0,1796033119250463,1796033119323568,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(7,X'76B81884DFA2C52E99A24DDCC4953CC5','ops','open','firing',1,0,'{"alertname":"Open06","instance":"db-1","severity":"critical"}','{"summary":"Open06 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119319678,'',0,0,1,1796033239250463,0,1796033119250463,1796033119319678,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(8,X'7F16A06C8629AE108CDC3ED5C8FFBBB1','ops','open','firing',1,0,'{"alertname":"Open07","instance":"db-1","severity":"critical"}','{"summary":"Open07 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119336580,'',0,0,1,1796033239250463,0,1796033119250463,1796033119336580,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(9,X'1C5550832AFB921C349DF60DF099311B','ops','open','firing',1,0,'{"alertname":"Open08","instance":"db-1","severity":"critical"}','{"summary":"Open08 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119339862,'',0,0,1,1796033239250463,0,1796033119250463,1796033119339862,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(10,X'3CC8367A2A62D3C954B1BF342BC496B5','ops','open','firing',1,0,'{"alertname":"Open09","instance":"db-1","severity":"critical"}','{"summary":"Open09 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119347862,'',0,0,1,1796033239250463,0,1796033119250463,1796033119347862,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(11,X'7A724DAF9A52655ADBB30AF37C32ACF7','ops','open','firing',1,0,'{"alertname":"Open10","instance":"db-1","severity":"critical"}','{"summary":"Open10 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119345330,'',0,0,1,1796033239250463,0,1796033119250463,1796033119345330,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(12,X'28B0F5AC40E0F38D080241B5851C98CD','ops','open','firing',1,0,'{"alertname":"Open11","instance":"db-1","severity":"critical"}','{"summary":"Open11 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119352969,'',0,0,1,1796033239250463,0,1796033119250463,1796033119352969,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(13,X'8E9CB99048E2C761F818B51F0E594D21','ops','open','firing',1,0,'{"alertname":"Open12","instance":"db-1","severity":"critical"}','{"summary":"Open12 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119360411,'',0,0,1,1796033239250463,0,1796033119250463,1796033119360411,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(14,X'7E9716EAE6E4854361EFB8A7A510544E','ops','open','firing',1,0,'{"alertname":"Open13","instance":"db-1","severity":"critical"}','{"summary":"Open13 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119362513,'',0,0,1,1796033239250463,0,1796033119250463,1796033119362513,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(15,X'7C14A5D6DCF27B25310B0486B9C43843','ops','open','firing',1,0,'{"alertname":"Open14","instance":"db-1","severity":"critical"}','{"summary":"Open14 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119364477,'',0,0,1,1796033239250463,0,1796033119250463,1796033119364477,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(16,X'03DD475596E6B752F37E5EA103516578','ops','open','firing',1,0,'{"alertname":"Open15","instance":"db-1","severity":"critical"}','{"summary":"Open15 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119359638,'',0,0,1,1796033239250463,0,1796033119250463,1796033119359638,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(17,X'BA43A999211DB7A5AB02A8E004E8C674','ops','open','firing',1,0,'{"alertname":"Open16","instance":"db-1","severity":"critical"}','{"summary":"Open16 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119371496,'',0,0,1,1796033239250463,0,1796033119250463,1796033119371496,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(18,X'7418B9050DC76AC1979E3D3820B3BF9F','ops','open','firing',1,0,'{"alertname":"Open17","instance":"db-1","severity":"critical"}','{"summary":"Open17 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119378096,'',0,0,1,1796033239250463,0,1796033119250463,1796033119378096,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(19,X'4B777A846807BD081240A83F29C624C5','ops','open','firing',1,0,'{"alertname":"Open18","instance":"db-1","severity":"critical"}','{"summary":"Open18 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119379783,'',0,0,1,1796033239250463,0,1796033119250463,1796033119379783,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(20,X'6EE1F465D454C095A7CD594045E423D6','ops','open','firing',1,0,'{"alertname":"Open19","instance":"db-1","severity":"critical"}','{"summary":"Open19 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119381186,'',0,0,1,1796033239250463,0,1796033119250463,1796033119381186,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(21,X'DC69F9B5760A930C967536FA2143DD50','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine00","instance":"db-1","severity":"critical"}','{"summary":"Mine00 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119392692,'alice',0,0,1,1796040329657765,0,1796033119250463,1796033119392692,1796033129657765,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(22,X'C5728AC75119821225D9E030098D5AD3','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine01","instance":"db-1","severity":"critical"}','{"summary":"Mine01 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119402264,'alice',0,0,1,1796040329657765,0,1796033119250463,1796033119402264,1796033129657765,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(23,X'61E933B7A2790F55CD764A3C2658DE52','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine02","instance":"db-1","severity":"critical"}','{"summary":"Mine02 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119404146,'alice',0,0,1,1796040329657765,0,1796033119250463,1796033119404146,1796033129657765,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(24,X'0C8A557BC8AF450D6ED4D50E60876F18','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine03","instance":"db-1","severity":"critical"}','{"summary":"Mine03 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119413287,'alice',0,0,1,1796040329657765,0,1796033119250463,1796033119413287,1796033129657765,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(25,X'68F1074B58F25BFE7F170DF4C545959C','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine04","instance":"db-1","severity":"critical"}','{"summary":"Mine04 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119410990,'alice',0,0,1,1796040329657765,0,1796033119250463,1796033119410990,1796033129657765,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(26,X'D00936913E593B8153370D06156E6E7A','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine05","instance":"db-1","severity":"critical"}','{"summary":"Mine05 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119417901,'alice',0,0,1,1796040329657765,0,1796033119250463,1796033119417901,1796033129657765,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(27,X'373983C6E2A4A8996E15712263779DF4','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine06","instance":"db-1","severity":"critical"}','{"summary":"Mine06 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119416950,'alice',0,0,1,1796040329657765,0,1796033119250463,1796033119416950,1796033129657765,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(28,X'70CC09695046D226D9FBE2C6AF0E7895','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine07","instance":"db-1","severity":"critical"}','{"summary":"Mine07 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119426963,'alice',0,0,1,1796040329657765,0,1796033119250463,1796033119426963,1796033129657765,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(29,X'D16E9A8B5AE0FFFAB36620B845751BAB','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine08","instance":"db-1","severity":"critical"}','{"summary":"Mine08 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119425751,'alice',0,0,1,1796040329657765,0,1796033119250463,1796033119425751,1796033129657765,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(30,X'4A1122F421B0F176603978C510AE888B','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine09","instance":"db-1","severity":"critical"}','{"summary":"Mine09 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119431712,'alice',0,0,1,1796040329657765,0,1796033119250463,1796033119431712,1796033129657765,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(31,X'FC587913B83B034CC054C711A8EDBB77','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine10","instance":"db-1","severity":"critical"}','{"summary":"Mine10 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119433316,'alice',0,0,1,1796040329657765,0,1796033119250463,1796033119433316,1796033129657765,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(32,X'4D5C268EB5AE8DA92762F9F0475133F5','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine11","instance":"db-1","severity":"critical"}','{"summary":"Mine11 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119447256,'alice',0,0,1,1796040329657765,0,1796033119250463,1796033119447256,1796033129657765,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(33,X'9D3D5EEA7528A5AB1F66A59B4BEAA03F','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine12","instance":"db-1","severity":"critical"}','{"summary":"Mine12 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119441810,'alice',0,0,1,1796040329657765,0,1796033119250463,1796033119441810,1796033129657765,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(34,X'544B2095A10F10FFAD5332896058780E','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine13","instance":"db-1","severity":"critical"}','{"summary":"Mine13 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119449263,'alice',0,0,1,1796040329657765,0,1796033119250463,1796033119449263,1796033129657765,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(35,X'8764A5F6DC4D9F58B3EF2DFEA3380910','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine14","instance":"db-1","severity":"critical"}','{"summary":"Mine14 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033119250463,NULL,1796033119250463,NULL,1796033119454099,'alice',0,0,1,1796040329657765,0,1796033119250463,1796033119454099,1796033129657765,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(36,X'6A3A5C3C7B11E7C0B1977E730D2E9AF9','ops','open','firing',1,0,'{"alertname":"Wait00","instance":"db-1","severity":"critical"}','{"summary":"Wait00 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033129674248,NULL,1796033129674248,NULL,NULL,'',0,0,1,1796033249674248,0,1796033129674248,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(37,X'A51DFBD5D4E639C4767ACC644B9E75CB','ops','open','firing',1,0,'{"alertname":"Wait01","instance":"db-1","severity":"critical"}','{"summary":"Wait01 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033129674248,NULL,1796033129674248,NULL,NULL,'',0,0,1,1796033249674248,0,1796033129674248,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(38,X'406C87A9C264EC208597066324A553F7','ops','open','firing',1,0,'{"alertname":"Wait02","instance":"db-1","severity":"critical"}','{"summary":"Wait02 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033129674248,NULL,1796033129674248,NULL,NULL,'',0,0,1,1796033249674248,0,1796033129674248,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(39,X'FCDCEF5AEEB2A66FD2121C0A8E6DF7E6','ops','open','firing',1,0,'{"alertname":"Wait03","instance":"db-1","severity":"critical"}','{"summary":"Wait03 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033129674248,NULL,1796033129674248,NULL,NULL,'',0,0,1,1796033249674248,0,1796033129674248,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(40,X'8C6E92F14CC2B6B475B21B8A98B1F12C','ops','open','firing',1,0,'{"alertname":"Wait04","instance":"db-1","severity":"critical"}','{"summary":"Wait04 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033129674248,NULL,1796033129674248,NULL,NULL,'',0,0,1,1796033249674248,0,1796033129674248,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(41,X'EDD4E52D600E46BA1106182444DA3193','ops','open','firing',1,0,'{"alertname":"Wait05","instance":"db-1","severity":"critical"}','{"summary":"Wait05 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033129674248,NULL,1796033129674248,NULL,NULL,'',0,0,1,1796033249674248,0,1796033129674248,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(42,X'15A191255E3AFA6E652B0A328818A685','ops','open','firing',1,0,'{"alertname":"Wait06","instance":"db-1","severity":"critical"}','{"summary":"Wait06 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033129674248,NULL,1796033129674248,NULL,NULL,'',0,0,1,1796033249674248,0,1796033129674248,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(43,X'05976DEAF1C71E37F57B80BD00D1E3EC','ops','open','firing',1,0,'{"alertname":"Wait07","instance":"db-1","severity":"critical"}','{"summary":"Wait07 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033129674248,NULL,1796033129674248,NULL,NULL,'',0,0,1,1796033249674248,0,1796033129674248,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(44,X'DC88E153E954067D647595EB2B5FD906','ops','open','firing',1,0,'{"alertname":"Wait08","instance":"db-1","severity":"critical"}','{"summary":"Wait08 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033129674248,NULL,1796033129674248,NULL,NULL,'',0,0,1,1796033249674248,0,1796033129674248,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(45,X'70AE06FC8637A4A5919DD06EDACF96AC','ops','open','firing',1,0,'{"alertname":"Wait09","instance":"db-1","severity":"critical"}','{"summary":"Wait09 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033129674248,NULL,1796033129674248,NULL,NULL,'',0,0,1,1796033249674248,0,1796033129674248,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(46,X'5777E38EA7370609E012A7DA798DEA07','ops','open','firing',1,0,'{"alertname":"Wait10","instance":"db-1","severity":"critical"}','{"summary":"Wait10 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033129674248,NULL,1796033129674248,NULL,NULL,'',0,0,1,1796033249674248,0,1796033129674248,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(47,X'CD25AF908381D2361C913102F7B4A604','ops','open','firing',1,0,'{"alertname":"Wait11","instance":"db-1","severity":"critical"}','{"summary":"Wait11 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033129674248,NULL,1796033129674248,NULL,NULL,'',0,0,1,1796033249674248,0,1796033129674248,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(48,X'164046B87168E01D7B310055694A15AA','ops','open','firing',1,0,'{"alertname":"Wait12","instance":"db-1","severity":"critical"}','{"summary":"Wait12 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033129674248,NULL,1796033129674248,NULL,NULL,'',0,0,1,1796033249674248,0,1796033129674248,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(49,X'F433035D76CAE4113C0B14CB1A276DFD','ops','open','firing',1,0,'{"alertname":"Wait13","instance":"db-1","severity":"critical"}','{"summary":"Wait13 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033129674248,NULL,1796033129674248,NULL,NULL,'',0,0,1,1796033249674248,0,1796033129674248,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(50,X'19F7D0212A8474F2FD48B6E12FB1DEAC','ops','open','firing',1,0,'{"alertname":"Wait14","instance":"db-1","severity":"critical"}','{"summary":"Wait14 is broken"}','db-1',0,'sms','alertmanager',1796032517000000,1796032517000000,NULL,1796033129674248,NULL,1796033129674248,NULL,NULL,'',0,0,1,1796033249674248,0,1796033129674248,NULL,NULL,'[]',NULL,NULL,0,NULL);
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
INSERT INTO "messages" VALUES(1883277224077049230,'15y7mx33qw4r35am','alice','ops','+33612345678','CRITICAL Open00 db-1: Open00 is broken #1 http://127.0.0.1:27950/a/iKvikGevpTF',1,'page',0,'delivered',1,0,NULL,NULL,1796033119275825,'',NULL,100001,1796033119250463,1796033119275825,1796033119297414,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224077049231,'15y7mx33qw4r35an','alice','ops','+33612345678','CRITICAL Open01 db-1: Open01 is broken #2 http://127.0.0.1:27950/a/qFvu4yGTrN6',1,'page',0,'delivered',1,0,NULL,NULL,1796033119275825,'',NULL,100002,1796033119250463,1796033119275825,1796033119293713,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224077049232,'15y7mx33qw4r35ao','alice','ops','+33612345678','CRITICAL Open02 db-1: Open02 is broken #3 http://127.0.0.1:27950/a/sfYcXqeAYDq',1,'page',0,'delivered',1,0,NULL,NULL,1796033119275825,'',NULL,100003,1796033119250463,1796033119275825,1796033119302970,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224077142465,'15y7mx33qw4r558h','alice','ops','+33612345678','CRITICAL Open03 db-1: Open03 is broken #4 http://127.0.0.1:27950/a/rXHnBrcHt8f',1,'page',0,'delivered',1,0,NULL,NULL,1796033119275825,'',NULL,100004,1796033119250463,1796033119275825,1796033119304189,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224109479850,'15y7mx33qw5m1j8q','alice','ops','+33612345678','CRITICAL Open04 db-1: Open04 is broken #5 http://127.0.0.1:27950/a/7wRDYFLSx8c',1,'page',0,'delivered',1,0,NULL,NULL,1796033119306447,'',NULL,100005,1796033119250463,1796033119306447,1796033119322382,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224109617431,'15y7mx33qw5m4hef','alice','ops','+33612345678','CRITICAL Open05 db-1: Open05 is broken #6 http://127.0.0.1:27950/a/gDg3aegd7tU',1,'page',0,'delivered',1,0,NULL,NULL,1796033119306447,'',NULL,100007,1796033119250463,1796033119306447,1796033119323568,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224109653819,'15y7mx33qw5m59h7','alice','ops','+33612345678','CRITICAL Open06 db-1: Open06 is broken #7 http://127.0.0.1:27950/a/abDgKqJfRV9',1,'page',0,'delivered',1,0,NULL,NULL,1796033119306447,'',NULL,100006,1796033119250463,1796033119306447,1796033119319678,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224113659238,'15y7mx33qw5q17qe','alice','ops','+33612345678','CRITICAL Open07 db-1: Open07 is broken #8 http://127.0.0.1:27950/a/sV5vV7vhWH3',1,'page',0,'delivered',1,0,NULL,NULL,1796033119310992,'',NULL,100008,1796033119250463,1796033119310992,1796033119336580,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224129357895,'15y7mx33qw650klj','alice','ops','+33612345678','CRITICAL Open08 db-1: Open08 is broken #9 http://127.0.0.1:27950/a/ztyWQqS7GS6',1,'page',0,'delivered',1,0,NULL,NULL,1796033119325918,'',NULL,100009,1796033119250463,1796033119325918,1796033119339862,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224139948260,'15y7mx33qw6f2tb8','alice','ops','+33612345678','CRITICAL Open09 db-1: Open09 is broken #10 http://127.0.0.1:27950/a/SHkTWmuPU7s',1,'page',0,'delivered',1,0,NULL,NULL,1796033119335318,'',NULL,100011,1796033119250463,1796033119335318,1796033119347862,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224140022663,'15y7mx33qw6f4epz','alice','ops','+33612345678','CRITICAL Open10 db-1: Open10 is broken #11 http://127.0.0.1:27950/a/wnhj3bpS99n',1,'page',0,'delivered',1,0,NULL,NULL,1796033119335318,'',NULL,100010,1796033119250463,1796033119335318,1796033119345330,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224147192234,'15y7mx33qw6m0r6y','alice','ops','+33612345678','CRITICAL Open11 db-1: Open11 is broken #12 http://127.0.0.1:27950/a/fTmRqz8R4vu',1,'page',0,'delivered',1,0,NULL,NULL,1796033119342945,'',NULL,100012,1796033119250463,1796033119342945,1796033119352969,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224147396028,'15y7mx33qw6m54fw','alice','ops','+33612345678','CRITICAL Open12 db-1: Open12 is broken #13 http://127.0.0.1:27950/a/QB86wjE6gKA',1,'page',0,'delivered',1,0,NULL,NULL,1796033119342945,'',NULL,100013,1796033119250463,1796033119342945,1796033119360411,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224156730955,'15y7mx33qw6v2xjf','alice','ops','+33612345678','CRITICAL Open13 db-1: Open13 is broken #14 http://127.0.0.1:27950/a/KqWV9qHVvgp',1,'page',0,'delivered',1,0,NULL,NULL,1796033119351860,'',NULL,100015,1796033119250463,1796033119351860,1796033119362513,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224156763199,'15y7mx33qw6v3mf3','alice','ops','+33612345678','CRITICAL Open14 db-1: Open14 is broken #15 http://127.0.0.1:27950/a/5hnWwWh84AC',1,'page',0,'delivered',1,0,NULL,NULL,1796033119351860,'',NULL,100016,1796033119250463,1796033119351860,1796033119364477,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224156787537,'15y7mx33qw6v4575','alice','ops','+33612345678','CRITICAL Open15 db-1: Open15 is broken #16 http://127.0.0.1:27950/a/ViGXgLRbaEt',1,'page',0,'delivered',1,0,NULL,NULL,1796033119351860,'',NULL,100014,1796033119250463,1796033119351860,1796033119359638,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224169405308,'15y7mx33qw774w3g','alice','ops','+33612345678','CRITICAL Open16 db-1: Open16 is broken #17 http://127.0.0.1:27950/a/fWzj8FmUJhm',1,'page',0,'delivered',1,0,NULL,NULL,1796033119363049,'',NULL,100017,1796033119250463,1796033119363049,1796033119371496,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224173383496,'15y7mx33qw7b09c8','alice','ops','+33612345678','CRITICAL Open17 db-1: Open17 is broken #18 http://127.0.0.1:27950/a/GiE7wD9YiYM',1,'page',0,'delivered',1,0,NULL,NULL,1796033119367402,'',NULL,100018,1796033119250463,1796033119367402,1796033119378096,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224173475390,'15y7mx33qw7b288u','alice','ops','+33612345678','CRITICAL Open18 db-1: Open18 is broken #19 http://127.0.0.1:27950/a/bgJD9AdWzuP',1,'page',0,'delivered',1,0,NULL,NULL,1796033119367402,'',NULL,100019,1796033119250463,1796033119367402,1796033119379783,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224173475391,'15y7mx33qw7b288v','alice','ops','+33612345678','CRITICAL Open19 db-1: Open19 is broken #20 http://127.0.0.1:27950/a/tyD9wQtSWrH',1,'page',0,'delivered',1,0,NULL,NULL,1796033119367402,'',NULL,100020,1796033119250463,1796033119367402,1796033119381186,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224180771533,'15y7mx33qw7i1adp','alice','ops','+33612345678','CRITICAL Mine00 db-1: Mine00 is broken #21 http://127.0.0.1:27950/a/w3g9nWNvBdE',1,'page',0,'delivered',1,0,NULL,NULL,1796033119374998,'',NULL,100021,1796033119250463,1796033119374998,1796033119392692,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224193344540,'15y7mx33qw7u12qk','alice','ops','+33612345678','CRITICAL Mine01 db-1: Mine01 is broken #22 http://127.0.0.1:27950/a/EQRPGJ7dBvt',1,'page',0,'delivered',1,0,NULL,NULL,1796033119386753,'',NULL,100022,1796033119250463,1796033119386753,1796033119402264,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224193531114,'15y7mx33qw7u52p6','alice','ops','+33612345678','CRITICAL Mine02 db-1: Mine02 is broken #23 http://127.0.0.1:27950/a/HMAyuJQbg4W',1,'page',0,'delivered',1,0,NULL,NULL,1796033119386753,'',NULL,100023,1796033119250463,1796033119386753,1796033119404146,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224201773562,'15y7mx33qw821xx6','alice','ops','+33612345678','CRITICAL Mine03 db-1: Mine03 is broken #24 http://127.0.0.1:27950/a/WbqRGwWgUsd',1,'page',0,'delivered',1,0,NULL,NULL,1796033119394758,'',NULL,100024,1796033119250463,1796033119394758,1796033119413287,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224206069161,'15y7mx33qw86442x','alice','ops','+33612345678','CRITICAL Mine04 db-1: Mine04 is broken #25 http://127.0.0.1:27950/a/5uPmL6uqHaS',1,'page',0,'delivered',1,0,NULL,NULL,1796033119398836,'',NULL,100025,1796033119250463,1796033119398836,1796033119410990,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224216535835,'15y7mx33qw8g3pcr','alice','ops','+33612345678','CRITICAL Mine05 db-1: Mine05 is broken #26 http://127.0.0.1:27950/a/RrgFasgMN55',1,'page',0,'delivered',1,0,NULL,NULL,1796033119408159,'',NULL,100027,1796033119250463,1796033119408159,1796033119417901,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224216535836,'15y7mx33qw8g3pcs','alice','ops','+33612345678','CRITICAL Mine06 db-1: Mine06 is broken #27 http://127.0.0.1:27950/a/4gaWDzvQSaP',1,'page',0,'delivered',1,0,NULL,NULL,1796033119408159,'',NULL,100026,1796033119250463,1796033119408159,1796033119416950,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224223706083,'15y7mx33qw8n02cj','alice','ops','+33612345678','CRITICAL Mine07 db-1: Mine07 is broken #28 http://127.0.0.1:27950/a/NVd7qPfhS9h',1,'page',0,'delivered',1,0,NULL,NULL,1796033119415617,'',NULL,100029,1796033119250463,1796033119415617,1796033119426963,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224229074864,'15y7mx33qw8s2rhs','alice','ops','+33612345678','CRITICAL Mine08 db-1: Mine08 is broken #29 http://127.0.0.1:27950/a/YdqHtTcMYuk',1,'page',0,'delivered',1,0,NULL,NULL,1796033119420622,'',NULL,100028,1796033119250463,1796033119420622,1796033119425751,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224229096075,'15y7mx33qw8s37uz','alice','ops','+33612345678','CRITICAL Mine09 db-1: Mine09 is broken #30 http://127.0.0.1:27950/a/HjGcqGSBzqg',1,'page',0,'delivered',1,0,NULL,NULL,1796033119420622,'',NULL,100030,1796033119250463,1796033119420622,1796033119431712,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224236532264,'15y7mx33qw8z5a20','alice','ops','+33612345678','CRITICAL Mine10 db-1: Mine10 is broken #31 http://127.0.0.1:27950/a/FKhRnUt5KpB',1,'page',0,'delivered',1,0,NULL,NULL,1796033119427566,'',NULL,100031,1796033119250463,1796033119427566,1796033119433316,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224239605339,'15y7mx33qw923pzv','alice','ops','+33612345678','CRITICAL Mine11 db-1: Mine11 is broken #32 http://127.0.0.1:27950/a/gnbTFMPynFw',1,'page',0,'delivered',1,0,NULL,NULL,1796033119430369,'',NULL,100033,1796033119250463,1796033119430369,1796033119447256,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224239605340,'15y7mx33qw923pzw','alice','ops','+33612345678','CRITICAL Mine12 db-1: Mine12 is broken #33 http://127.0.0.1:27950/a/fPJRJG5E4KB',1,'page',0,'delivered',1,0,NULL,NULL,1796033119430369,'',NULL,100032,1796033119250463,1796033119430369,1796033119441810,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224245777534,'15y7mx33qw9815z2','alice','ops','+33612345678','CRITICAL Mine13 db-1: Mine13 is broken #34 http://127.0.0.1:27950/a/tDqB3HT8LLK',1,'page',0,'delivered',1,0,NULL,NULL,1796033119436040,'',NULL,100034,1796033119250463,1796033119436040,1796033119449263,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277224252084448,'15y7mx33qw9e1hwg','alice','ops','+33612345678','CRITICAL Mine14 db-1: Mine14 is broken #35 http://127.0.0.1:27950/a/LjztjFN6MsB',1,'page',0,'delivered',1,0,NULL,NULL,1796033119442963,'',NULL,100035,1796033119250463,1796033119442963,1796033119454099,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033120000000);
INSERT INTO "messages" VALUES(1883277234988428360,'15y7mx33r45t0y14','alice','ops','+33612345678','CRITICAL Wait00 db-1: Wait00 is broken #36 http://127.0.0.1:27950/a/9JrK6TWNaJy',1,'page',0,'queued',1,0,NULL,NULL,1796033129691467,'',NULL,NULL,1796033129674248,1796033129681034,NULL,NULL,'send: 403 NOT_ENOUGH_CREDITS: Not enough credits (query SANDBOX.6b0d4a69.67)','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(1883277234988430689,'15y7mx33r45t0ztt','alice','ops','+33612345678','CRITICAL Wait01 db-1: Wait01 is broken #37 http://127.0.0.1:27950/a/gkjNed4PGSK',1,'page',0,'queued',1,0,NULL,NULL,1796033129691896,'',NULL,NULL,1796033129674248,1796033129681034,NULL,NULL,'send: 403 NOT_ENOUGH_CREDITS: Not enough credits (query SANDBOX.6b0d4a69.70)','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(1883277234988466107,'15y7mx33r45t1r5n','alice','ops','+33612345678','CRITICAL Wait02 db-1: Wait02 is broken #38 http://127.0.0.1:27950/a/xVBXvY8EVjF',1,'page',0,'queued',1,0,NULL,NULL,1796033129690233,'',NULL,NULL,1796033129674248,1796033129681034,NULL,NULL,'send: 403 NOT_ENOUGH_CREDITS: Not enough credits (query SANDBOX.6b0d4a69.68)','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(1883277234988466108,'15y7mx33r45t1r5o','alice','ops','+33612345678','CRITICAL Wait03 db-1: Wait03 is broken #39 http://127.0.0.1:27950/a/tPkzaXaFNgr',1,'page',0,'queued',1,0,NULL,NULL,1796033129692210,'',NULL,NULL,1796033129674248,1796033129681034,NULL,NULL,'send: 403 NOT_ENOUGH_CREDITS: Not enough credits (query SANDBOX.6b0d4a69.69)','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
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
INSERT INTO "pages" VALUES(1,1,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224077049230,0,0,'');
INSERT INTO "pages" VALUES(2,2,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224077049231,0,0,'');
INSERT INTO "pages" VALUES(3,3,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224077049232,0,0,'');
INSERT INTO "pages" VALUES(4,4,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224077142465,0,0,'');
INSERT INTO "pages" VALUES(5,5,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224109479850,0,0,'');
INSERT INTO "pages" VALUES(6,6,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224109617431,0,0,'');
INSERT INTO "pages" VALUES(7,7,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224109653819,0,0,'');
INSERT INTO "pages" VALUES(8,8,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224113659238,0,0,'');
INSERT INTO "pages" VALUES(9,9,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224129357895,0,0,'');
INSERT INTO "pages" VALUES(10,10,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224139948260,0,0,'');
INSERT INTO "pages" VALUES(11,11,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224140022663,0,0,'');
INSERT INTO "pages" VALUES(12,12,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224147192234,0,0,'');
INSERT INTO "pages" VALUES(13,13,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224147396028,0,0,'');
INSERT INTO "pages" VALUES(14,14,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224156730955,0,0,'');
INSERT INTO "pages" VALUES(15,15,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224156763199,0,0,'');
INSERT INTO "pages" VALUES(16,16,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224156787537,0,0,'');
INSERT INTO "pages" VALUES(17,17,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224169405308,0,0,'');
INSERT INTO "pages" VALUES(18,18,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224173383496,0,0,'');
INSERT INTO "pages" VALUES(19,19,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224173475390,0,0,'');
INSERT INTO "pages" VALUES(20,20,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224173475391,0,0,'');
INSERT INTO "pages" VALUES(21,21,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224180771533,0,0,'');
INSERT INTO "pages" VALUES(22,22,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224193344540,0,0,'');
INSERT INTO "pages" VALUES(23,23,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224193531114,0,0,'');
INSERT INTO "pages" VALUES(24,24,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224201773562,0,0,'');
INSERT INTO "pages" VALUES(25,25,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224206069161,0,0,'');
INSERT INTO "pages" VALUES(26,26,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224216535835,0,0,'');
INSERT INTO "pages" VALUES(27,27,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224216535836,0,0,'');
INSERT INTO "pages" VALUES(28,28,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224223706083,0,0,'');
INSERT INTO "pages" VALUES(29,29,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224229074864,0,0,'');
INSERT INTO "pages" VALUES(30,30,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224229096075,0,0,'');
INSERT INTO "pages" VALUES(31,31,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224236532264,0,0,'');
INSERT INTO "pages" VALUES(32,32,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224239605339,0,0,'');
INSERT INTO "pages" VALUES(33,33,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224239605340,0,0,'');
INSERT INTO "pages" VALUES(34,34,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224245777534,0,0,'');
INSERT INTO "pages" VALUES(35,35,'alice','ops','page',0,1796033119250463,1796033119250463,'claimed',0,0,0,0,NULL,1883277224252084448,0,0,'');
INSERT INTO "pages" VALUES(36,36,'alice','ops','page',0,1796033129674248,1796033129674248,'claimed',0,0,0,0,NULL,1883277234988428360,0,0,'');
INSERT INTO "pages" VALUES(37,37,'alice','ops','page',0,1796033129674248,1796033129674248,'claimed',0,0,0,0,NULL,1883277234988430689,0,0,'');
INSERT INTO "pages" VALUES(38,38,'alice','ops','page',0,1796033129674248,1796033129674248,'claimed',0,0,0,0,NULL,1883277234988466107,0,0,'');
INSERT INTO "pages" VALUES(39,39,'alice','ops','page',0,1796033129674248,1796033129674248,'claimed',0,0,0,0,NULL,1883277234988466108,0,0,'');
INSERT INTO "pages" VALUES(40,40,'alice','ops','page',0,1796033129674248,1796033129674248,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(41,41,'alice','ops','page',0,1796033129674248,1796033129674248,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(42,42,'alice','ops','page',0,1796033129674248,1796033129674248,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(43,43,'alice','ops','page',0,1796033129674248,1796033129674248,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(44,44,'alice','ops','page',0,1796033129674248,1796033129674248,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(45,45,'alice','ops','page',0,1796033129674248,1796033129674248,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(46,46,'alice','ops','page',0,1796033129674248,1796033129674248,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(47,47,'alice','ops','page',0,1796033129674248,1796033129674248,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(48,48,'alice','ops','page',0,1796033129674248,1796033129674248,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(49,49,'alice','ops','page',0,1796033129674248,1796033129674248,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(50,50,'alice','ops','page',0,1796033129674248,1796033129674248,'queued',0,0,0,0,NULL,NULL,0,0,'');
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
INSERT INTO "tokens" VALUES('iKvikGevpTF','alice',1,NULL,NULL,1796033119275825);
INSERT INTO "tokens" VALUES('qFvu4yGTrN6','alice',2,NULL,NULL,1796033119275825);
INSERT INTO "tokens" VALUES('sfYcXqeAYDq','alice',3,NULL,NULL,1796033119275825);
INSERT INTO "tokens" VALUES('rXHnBrcHt8f','alice',4,NULL,NULL,1796033119275825);
INSERT INTO "tokens" VALUES('7wRDYFLSx8c','alice',5,NULL,NULL,1796033119306447);
INSERT INTO "tokens" VALUES('gDg3aegd7tU','alice',6,NULL,NULL,1796033119306447);
INSERT INTO "tokens" VALUES('abDgKqJfRV9','alice',7,NULL,NULL,1796033119306447);
INSERT INTO "tokens" VALUES('sV5vV7vhWH3','alice',8,NULL,NULL,1796033119310992);
INSERT INTO "tokens" VALUES('ztyWQqS7GS6','alice',9,NULL,NULL,1796033119325918);
INSERT INTO "tokens" VALUES('SHkTWmuPU7s','alice',10,NULL,NULL,1796033119335318);
INSERT INTO "tokens" VALUES('wnhj3bpS99n','alice',11,NULL,NULL,1796033119335318);
INSERT INTO "tokens" VALUES('fTmRqz8R4vu','alice',12,NULL,NULL,1796033119342945);
INSERT INTO "tokens" VALUES('QB86wjE6gKA','alice',13,NULL,NULL,1796033119342945);
INSERT INTO "tokens" VALUES('KqWV9qHVvgp','alice',14,NULL,NULL,1796033119351860);
INSERT INTO "tokens" VALUES('5hnWwWh84AC','alice',15,NULL,NULL,1796033119351860);
INSERT INTO "tokens" VALUES('ViGXgLRbaEt','alice',16,NULL,NULL,1796033119351860);
INSERT INTO "tokens" VALUES('fWzj8FmUJhm','alice',17,NULL,NULL,1796033119363049);
INSERT INTO "tokens" VALUES('GiE7wD9YiYM','alice',18,NULL,NULL,1796033119367402);
INSERT INTO "tokens" VALUES('bgJD9AdWzuP','alice',19,NULL,NULL,1796033119367402);
INSERT INTO "tokens" VALUES('tyD9wQtSWrH','alice',20,NULL,NULL,1796033119367402);
INSERT INTO "tokens" VALUES('w3g9nWNvBdE','alice',21,NULL,NULL,1796033119374998);
INSERT INTO "tokens" VALUES('EQRPGJ7dBvt','alice',22,NULL,NULL,1796033119386753);
INSERT INTO "tokens" VALUES('HMAyuJQbg4W','alice',23,NULL,NULL,1796033119386753);
INSERT INTO "tokens" VALUES('WbqRGwWgUsd','alice',24,NULL,NULL,1796033119394758);
INSERT INTO "tokens" VALUES('5uPmL6uqHaS','alice',25,NULL,NULL,1796033119398836);
INSERT INTO "tokens" VALUES('RrgFasgMN55','alice',26,NULL,NULL,1796033119408159);
INSERT INTO "tokens" VALUES('4gaWDzvQSaP','alice',27,NULL,NULL,1796033119408159);
INSERT INTO "tokens" VALUES('NVd7qPfhS9h','alice',28,NULL,NULL,1796033119415617);
INSERT INTO "tokens" VALUES('YdqHtTcMYuk','alice',29,NULL,NULL,1796033119420622);
INSERT INTO "tokens" VALUES('HjGcqGSBzqg','alice',30,NULL,NULL,1796033119420622);
INSERT INTO "tokens" VALUES('FKhRnUt5KpB','alice',31,NULL,NULL,1796033119427566);
INSERT INTO "tokens" VALUES('gnbTFMPynFw','alice',32,NULL,NULL,1796033119430369);
INSERT INTO "tokens" VALUES('fPJRJG5E4KB','alice',33,NULL,NULL,1796033119430369);
INSERT INTO "tokens" VALUES('tDqB3HT8LLK','alice',34,NULL,NULL,1796033119436040);
INSERT INTO "tokens" VALUES('LjztjFN6MsB','alice',35,NULL,NULL,1796033119442963);
INSERT INTO "tokens" VALUES('9JrK6TWNaJy','alice',36,NULL,NULL,1796033129681034);
INSERT INTO "tokens" VALUES('gkjNed4PGSK','alice',37,NULL,NULL,1796033129681034);
INSERT INTO "tokens" VALUES('xVBXvY8EVjF','alice',38,NULL,NULL,1796033129681034);
INSERT INTO "tokens" VALUES('tPkzaXaFNgr','alice',39,NULL,NULL,1796033129681034);
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
